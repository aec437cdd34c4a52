/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/made_zip.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define NEEDED(condition)                                                                                    \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

static void add(zip_t *archive, const struct made_member *member, const char *password)
{
    zip_source_t *source = zip_source_buffer(archive, member->data, member->len, 0);
    zip_int64_t at = zip_file_add(archive, member->name, source, ZIP_FL_ENC_UTF_8);
    NEEDED(at >= 0);
    NEEDED(zip_set_file_compression(archive, (zip_uint64_t)at, ZIP_CM_DEFLATE, 1) == 0);
    if (password != NULL)
        NEEDED(zip_file_set_encryption(archive, (zip_uint64_t)at, ZIP_EM_AES_256, password) == 0);
}

char *made_zip(const struct made_member *members, size_t count, const char *password, size_t *len)
{
    zip_error_t error;
    zip_stat_t stat;
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *archive = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    NEEDED(archive != NULL);
    zip_source_keep(source);
    for (size_t i = 0; i < count; i++)
        add(archive, &members[i], password);
    NEEDED(zip_close(archive) == 0);
    NEEDED(zip_source_stat(source, &stat) == 0 && zip_source_open(source) == 0);
    char *data = malloc((size_t)stat.size + 1);
    NEEDED(data != NULL && zip_source_read(source, data, stat.size) == (zip_int64_t)stat.size);
    zip_source_close(source);
    zip_source_free(source);
    *len = (size_t)stat.size;
    return data;
}

static struct made_member member(const char *name, const char *text)
{
    return (struct made_member){name, text, strlen(text)};
}

#define RELATION "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

char *made_xlsx(const char *sheet, size_t sheet_len, const char *styles, const char *strings, size_t *len)
{
    const struct made_member members[] = {
        member("[Content_Types].xml", "<Types/>"),
        member("_rels/.rels", "<Relationships><Relationship Id=\"r1\" Type=\"" RELATION
                              "officeDocument\" Target=\"/xl/workbook.xml\"/></Relationships>"),
        member("xl/workbook.xml",
               "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Cards\" r:id=\"r1\"/></sheets></workbook>"),
        member("xl/_rels/workbook.xml.rels",
               "<Relationships><Relationship Id=\"r1\" Type=\"" RELATION
               "worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" RELATION
               "styles\" Target=\"styles.xml\"/><Relationship Id=\"r3\" Type=\"" RELATION
               "sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"),
        {"xl/worksheets/sheet1.xml", sheet, sheet_len},
        member("xl/styles.xml", styles),
        member("xl/sharedStrings.xml", strings),
    };
    return made_zip(members, sizeof members / sizeof members[0], NULL, len);
}

char *made_ods(const char *content, size_t content_len, size_t *len)
{
    const struct made_member members[] = {
        member("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        {"content.xml", content, content_len},
    };
    return made_zip(members, sizeof members / sizeof members[0], NULL, len);
}
