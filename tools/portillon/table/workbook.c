/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/workbook.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/portillon/table/html_table.h"
#include "tools/portillon/table/ods.h"
#include "tools/portillon/table/xlsx.h"

#define LOOKED_AT 4096 /* bytes at the beginning, in which the root of XML must stand */

static bool holds(const char *data, size_t len, const char *text)
{
    return memmem(data, len, text, strlen(text)) != NULL;
}

static bool begins_as_xml(const char *data, size_t len)
{
    while (len > 0 && memchr(" \t\r\n\xEF\xBB\xBF", data[0], 7) != NULL)
        data++, len--;
    return len > 0 && data[0] == '<';
}

/* --- OLE: workbooks of Excel 97 to 2003, and files with a password --- */

/* Returns true if an OLE file has a stream with this name (in UTF-16). */
static bool has_stream(const char *data, size_t len, const char *name)
{
    char wide[64] = "";
    size_t count = strlen(name);
    for (size_t i = 0; i < count; i++)
        wide[2 * i] = name[i];
    return memmem(data, len, wide, 2 * count) != NULL;
}

static int refuse_ole(const char *data, size_t len, struct table_fault *fault)
{
    if (has_stream(data, len, "EncryptedPackage"))
        return table_fail(fault, 0, -1, "is protected with a password: open it, and save it without one");
    if (has_stream(data, len, "Workbook") || has_stream(data, len, "Book"))
        return table_fail(fault, 0, -1,
                          "is an old workbook (.xls): open it, and save it as .xlsx or \"CSV UTF-8\"");
    return table_fail(fault, 0, -1, "is a file of an old office program, but no workbook");
}

/* --- archives --- */

static bool has_type(struct zip *archive, const char *type)
{
    struct table_fault fault;
    char *data;
    size_t len;
    if (zip_member_read(archive, "mimetype", &data, &len, &fault) != ERR_OK)
        return false;
    bool is = strncmp(data, type, strlen(type)) == 0;
    free(data);
    return is;
}

static int refuse_archive(struct zip *archive, struct table_fault *fault)
{
    if (zip_member_exists(archive, "word/document.xml") ||
        has_type(archive, "application/vnd.oasis.opendocument.text"))
        return table_fail(fault, 0, -1,
                          "is a text of a word processor, not a workbook: save its table as a workbook");
    if (zip_member_exists(archive, "ppt/presentation.xml") || has_type(archive, "application/vnd."))
        return table_fail(fault, 0, -1, "is a file of an office program, but no workbook");
    if (zip_member_exists(archive, "Index/Document.iwa"))
        return table_fail(fault, 0, -1, "is a workbook of Numbers: export it as .xlsx");
    return table_fail(fault, 0, -1,
                      "is a zip archive with several files in it, and no workbook: unpack it, and "
                      "name the file that is meant");
}

/* Looks at an archive. Takes out its only file, unless the archive came in an archive itself. */
static int take_archive(struct workbook_file *file, struct zip *archive, struct table_fault *fault)
{
    if (zip_member_exists(archive, "[Content_Types].xml") &&
        (zip_member_exists(archive, "xl/workbook.xml") || zip_member_exists(archive, "xl/workbook.bin"))) {
        file->kind = WORKBOOK_XLSX;
        return ERR_OK;
    }
    if (has_type(archive, "application/vnd.oasis.opendocument.spreadsheet")) {
        file->kind = WORKBOOK_ODS;
        return ERR_OK;
    }
    const char *only = file->unpacked == NULL ? zip_member_only(archive) : NULL;
    if (only == NULL)
        return refuse_archive(archive, fault);
    int error = zip_member_read(archive, only, &file->unpacked, &file->len, fault);
    file->data = file->unpacked;
    return error;
}

/* --- kinds --- */

static int take_plain(struct workbook_file *file, struct table_fault *fault)
{
    static const uint8_t compound[] = {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};
    size_t looked_at = file->len < LOOKED_AT ? file->len : LOOKED_AT;
    if (file->len >= sizeof compound && memcmp(file->data, compound, sizeof compound) == 0)
        return refuse_ole(file->data, file->len, fault);
    if (!begins_as_xml(file->data, looked_at))
        return ERR_OK;
    if (holds(file->data, looked_at, "<BEE_ELEVES"))
        file->kind = WORKBOOK_SIECLE;
    else if (holds(file->data, looked_at, "urn:schemas-microsoft-com:office:spreadsheet") &&
             holds(file->data, looked_at, "<?mso-application"))
        return table_fail(fault, 0, -1, "is an \"XML Spreadsheet 2003\": open it, and save it as .xlsx");
    else if (html_has_table(file->data, file->len))
        file->kind = WORKBOOK_HTML;
    return ERR_OK;
}

static int look(struct workbook_file *file, struct table_fault *fault)
{
    struct zip *archive;
    bool packed = file->unpacked == NULL;
    if (!zip_is_archive(file->data, file->len))
        return take_plain(file, fault);
    int error = zip_member_open(&archive, file->data, file->len, fault);
    if (error != ERR_OK)
        return error;
    error = take_archive(file, archive, fault);
    zip_member_close(archive);
    return error == ERR_OK && packed && file->unpacked != NULL ? look(file, fault) : error;
}

int workbook_open(struct workbook_file *file, const char *data, size_t len, struct table_fault *fault)
{
    *file = (struct workbook_file){.data = data, .len = len};
    *fault = (struct table_fault){0, -1, ""};
    int error = look(file, fault);
    if (error != ERR_OK)
        workbook_close(file);
    return error;
}

int workbook_read(const struct workbook_file *file, const char *wanted, struct table *table,
                  struct table_fault *fault)
{
    struct zip *archive;
    *fault = (struct table_fault){0, -1, ""};
    int error = zip_member_open(&archive, file->data, file->len, fault);
    if (error != ERR_OK)
        return error;
    error = file->kind == WORKBOOK_XLSX ? xlsx_read(archive, wanted, table, fault)
                                        : ods_read(archive, wanted, table, fault);
    zip_member_close(archive);
    return error;
}

void workbook_close(struct workbook_file *file)
{
    free(file->unpacked);
    *file = (struct workbook_file){0};
}
