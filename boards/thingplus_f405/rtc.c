#include "boards/thingplus_f405/rtc.h"

#include <stdbool.h>

#include "boards/thingplus_f405/stm32f405.h"
#include "hal/common/civil_time.h"

#define SET_MARK     UINT32_C(0x52544331) /* in RTC_BKP0R: the calendar was set */
#define CENTURY      2000
#define INIT_WAIT_US 3000 /* two clocks of 32 kHz: 61 us (26.3.5) */
#define ASYNC        127  /* 32768 Hz divided by 128 and by 256: 1 Hz (26.3.1) */
#define SYNC         255
#define READS_MAX    4 /* the calendar changes once a second, so two reads in a row agree */

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
    uint32_t wanted = RCC_BDCR_LSERDY | RCC_BDCR_RTCEN | RCC_BDCR_RTCSEL_LSE;
    return (RCC_BDCR & (RCC_BDCR_LSERDY | RCC_BDCR_RTCEN | RCC_BDCR_RTCSEL)) == wanted;
}

void rtc_start(void)
{
    RCC_APB1ENR |= RCC_APB1_PWR;
    PWR_CR |= PWR_CR_DBP;
    uint32_t source = RCC_BDCR & RCC_BDCR_RTCSEL;
    /* Other firmware may have chosen another source. Only a reset of the domain can change it (7.3.20). */
    if (source != 0 && source != RCC_BDCR_RTCSEL_LSE) {
        RCC_BDCR |= RCC_BDCR_BDRST;
        RCC_BDCR &= ~RCC_BDCR_BDRST;
    }
    RCC_BDCR |= RCC_BDCR_LSEON;
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

int rtc_write(void *ctx, uint32_t utc_s)
{
    struct civil_time civil = civil_time_from_utc(utc_s);
    (void)ctx;
    if (civil.year < CENTURY || civil.year >= CENTURY + 100)
        return ERR_ARGUMENT;
    if (!(RCC_BDCR & RCC_BDCR_LSERDY))
        return ERR_NOT_FOUND;
    RCC_BDCR |= RCC_BDCR_RTCSEL_LSE | RCC_BDCR_RTCEN;
    RTC_BKP0R = 0; /* if power fails before the end, the clock counts as not set */
    RTC_WPR = RTC_WPR_KEY1;
    RTC_WPR = RTC_WPR_KEY2;
    bool stopped = enter_init();
    if (stopped) {
        RTC_PRER = RTC_PRER_S(SYNC); /* two writes, the synchronous part first (26.3.5) */
        RTC_PRER = RTC_PRER_S(SYNC) | RTC_PRER_A(ASYNC);
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
