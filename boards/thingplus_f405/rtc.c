/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/rtc.h"

#include "boards/thingplus_f405/stm32f405.h"
#include "hal/common/civil_time.h"

#define SET_MARK     UINT32_C(0x52544331) /* in RTC_BKP0R: the calendar was set */
#define CENTURY      2000
#define INIT_WAIT_US 3000 /* two clocks of 32 kHz: 61 us (26.3.5) */
#define READS_MAX    4    /* the calendar changes once a second, so two reads in a row agree */
#define HSE_MHZ      12

/* The dividers to 1 Hz (26.3.1): 32768 Hz by 128 and by 256; 1 MHz by 125 and by 8000. */
#define PRER_LSE (RTC_PRER_S(255) | RTC_PRER_A(127))
#define PRER_HSE (RTC_PRER_S(7999) | RTC_PRER_A(124))

static bool has_hse;

static uint32_t to_bcd(uint32_t value)
{
    return value / 10 << 4 | value % 10;
}

static uint32_t from_bcd(uint32_t bcd)
{
    return (bcd >> 4) * 10 + (bcd & 15);
}

/* Encode RTC_TR and RTC_DR (26.6.1, 26.6.2), in 24-hour format. */
static uint32_t time_register(const struct civil_time *civil)
{
    return to_bcd(civil->hour) << 16 | to_bcd(civil->minute) << 8 | to_bcd(civil->second);
}

static uint32_t date_register(const struct civil_time *civil)
{
    return to_bcd(civil->year - CENTURY) << 16 | (uint32_t)civil->weekday << 13 | to_bcd(civil->month) << 8 |
           to_bcd(civil->day);
}

static struct civil_time decode(uint32_t tr, uint32_t dr)
{
    return (struct civil_time){
        .year = (uint16_t)(CENTURY + from_bcd(dr >> 16 & 0xFF)),
        .month = (uint8_t)from_bcd(dr >> 8 & 0x1F),
        .day = (uint8_t)from_bcd(dr & 0x3F),
        .hour = (uint8_t)from_bcd(tr >> 16 & 0x3F),
        .minute = (uint8_t)from_bcd(tr >> 8 & 0x7F),
        .second = (uint8_t)from_bcd(tr & 0x7F),
    };
}

static bool is_running(void)
{
    uint32_t state = RCC_BDCR, source = state & RCC_BDCR_RTCSEL;
    if (!(state & RCC_BDCR_RTCEN))
        return false;
    return (source == RCC_BDCR_RTCSEL_LSE && (state & RCC_BDCR_LSERDY)) ||
           (source == RCC_BDCR_RTCSEL_HSE && has_hse);
}

/* Resets the backup domain, which is the only way to change the source of the calendar (7.3.20), and starts
 * LSE again. */
static void reset_domain(void)
{
    RCC_BDCR = RCC_BDCR_BDRST;
    RCC_BDCR = 0;
    RCC_BDCR = RCC_BDCR_LSEON;
}

void rtc_start(const struct clocks *clocks, bool power_was_lost)
{
    has_hse = clocks->source == CLOCK_CRYSTAL;
    RCC_APB1ENR |= RCC_APB1_PWR;
    PWR_CR |= PWR_CR_DBP;
    if (has_hse) /* before HSE is selected (7.3.3) */
        RCC_CFGR = (RCC_CFGR & ~RCC_CFGR_RTCPRE_ALL) | RCC_CFGR_RTCPRE(HSE_MHZ);
    uint32_t source = RCC_BDCR & RCC_BDCR_RTCSEL;
    /* On HSE the calendar stood still while HSE was off. Other firmware may have chosen LSI. */
    bool keeps_time =
        source == RCC_BDCR_RTCSEL_LSE || (source == RCC_BDCR_RTCSEL_HSE && has_hse && !power_was_lost);
    if (source != 0 && !keeps_time)
        reset_domain();
    RCC_BDCR |= RCC_BDCR_LSEON;
}

bool rtc_outlives_power(void)
{
    return is_running() && (RCC_BDCR & RCC_BDCR_RTCSEL) == RCC_BDCR_RTCSEL_LSE;
}

const char *rtc_source(void)
{
    if (!is_running())
        return NULL;
    return rtc_outlives_power() ? "32 kHz crystal" : "main crystal, lost without power";
}

int rtc_read(void *ctx, uint32_t *utc_s)
{
    (void)ctx;
    if (!is_running() || RTC_BKP0R != SET_MARK || !(RTC_ISR & RTC_ISR_INITS))
        return ERR_NOT_FOUND;
    for (int i = 0; i < READS_MAX; i++) {
        uint32_t dr = RTC_DR, tr = RTC_TR;
        if (tr != RTC_TR || dr != RTC_DR) /* without shadow registers, read twice (26.3.6) */
            continue;
        struct civil_time civil = decode(tr, dr);
        return civil_time_to_utc(&civil, utc_s) == ERR_OK ? ERR_OK : ERR_NOT_FOUND;
    }
    return ERR_NOT_FOUND;
}

static bool enter_init(void)
{
    uint64_t started = cortex_m_now_us();
    RTC_ISR |= RTC_ISR_INIT;
    while (!(RTC_ISR & RTC_ISR_INITF))
        if (cortex_m_now_us() - started > INIT_WAIT_US)
            return false;
    return true;
}

/* Selects a source that runs, unless the calendar has one. Returns false if there is none. */
static bool select_source(void)
{
    bool has_lse = RCC_BDCR & RCC_BDCR_LSERDY;
    if ((RCC_BDCR & RCC_BDCR_RTCSEL) == RCC_BDCR_RTCSEL_LSE && !has_lse && has_hse)
        reset_domain();
    if ((RCC_BDCR & RCC_BDCR_RTCSEL) == 0 && (has_lse || has_hse))
        RCC_BDCR |= has_lse ? RCC_BDCR_RTCSEL_LSE : RCC_BDCR_RTCSEL_HSE;
    RCC_BDCR |= RCC_BDCR_RTCEN;
    return is_running();
}

int rtc_write(void *ctx, uint32_t utc_s)
{
    struct civil_time civil = civil_time_from_utc(utc_s);
    (void)ctx;
    if (civil.year < CENTURY || civil.year >= CENTURY + 100)
        return ERR_ARGUMENT;
    if (!select_source())
        return ERR_NOT_FOUND;
    uint32_t dividers = (RCC_BDCR & RCC_BDCR_RTCSEL) == RCC_BDCR_RTCSEL_LSE ? PRER_LSE : PRER_HSE;
    RTC_BKP0R = 0; /* if power fails before the end, the clock counts as not set */
    RTC_WPR = RTC_WPR_KEY1;
    RTC_WPR = RTC_WPR_KEY2;
    bool stopped = enter_init();
    if (stopped) {
        RTC_PRER = dividers & RTC_PRER_S_ALL; /* two writes, the synchronous part first (26.3.5) */
        RTC_PRER = dividers;
        RTC_TR = time_register(&civil);
        RTC_DR = date_register(&civil);
        RTC_CR = (RTC_CR & ~RTC_CR_FMT) | RTC_CR_BYPSHAD;
    }
    RTC_ISR &= ~RTC_ISR_INIT;
    RTC_WPR = RTC_WPR_LOCK;
    if (!stopped)
        return ERR_IO;
    RTC_BKP0R = SET_MARK;
    return ERR_OK;
}
