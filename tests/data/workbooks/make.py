#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the workbooks of this folder with openpyxl and odfpy (Debian: python3-openpyxl, python3-odf).

The people are invented. The files are kept in the tree, so that tests need neither library; run this
only to change them: tests/data/workbooks/make.py
"""
import datetime
import os
import zipfile

import openpyxl
from odf import office, style
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P, S

os.chdir(os.path.dirname(os.path.abspath(__file__)))
FIXED = (2026, 9, 1, 8, 0, 0)


def settle(path):
    """Gives every member the same time, so that the file depends on its content alone."""
    with zipfile.ZipFile(path) as source:
        members = [(info, source.read(info)) for info in source.infolist()]
    with zipfile.ZipFile(path, "w") as target:
        for info, data in members:
            fixed = zipfile.ZipInfo(info.filename, FIXED)
            fixed.compress_type = zipfile.ZIP_STORED if info.filename == "mimetype" else zipfile.ZIP_DEFLATED
            target.writestr(fixed, data)


def save(book, name):
    book.properties.created = book.properties.modified = datetime.datetime(*FIXED)
    book.save(name)
    settle(name)


HEADER = ["Nom", "Prénom", "Classe", "N° de carte", "Régime", "Début", "Fin", "Passages"]
DAY = datetime.date


def cards():
    """Several sheets, one hidden before the first; a title; formats; a hidden row; a formula's result."""
    book = openpyxl.Workbook()
    hidden = book.active
    hidden.title = "Paramètres"
    hidden["A1"] = "interne"
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("Élèves")
    sheet["A1"] = "Liste des élèves au 1er septembre"
    for column, text in enumerate(HEADER, 1):
        sheet.cell(3, column, text)
    rows = [
        ["EXEMPLE", "Aïcha", "2de 1", "04A1B2C3D4E580", "DP", DAY(2026, 9, 1), DAY(2027, 7, 2), 1],
        ["MODÈLE", "Chloé", "2de 1", "04A1B2C3D4E581", "Externe", datetime.datetime(2026, 9, 1, 23, 59, 59), None, 1],
        ["FACTICE", "Œdipe", "1re 2", "04A1B2C3D4E582", "DP", None, DAY(2027, 7, 2), 2.0],
    ]
    for number, row in enumerate(rows, 4):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if column in (6, 7) and value is not None:
                cell.number_format = "dd/mm/yyyy"
    sheet.row_dimensions[6].hidden = True
    second = book.create_sheet("Agents")
    for column, text in enumerate(["Nom", "Carte", "Profil"], 1):
        second.cell(1, column, text)
    for column, text in enumerate(["ESSAI Paul", "04A1B2C3D4E583", "Agent"], 1):
        second.cell(2, column, text)
    book.active = 1
    save(book, "cards.xlsx")


def numbers():
    """Decimal card numbers, as spreadsheets store and show them; the sheet counts its days from 1904."""
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "Cartes"
    for column, text in enumerate(["Carte", "Régime", "Fin"], 1):
        sheet.cell(1, column, text)
    for number, (value, code) in enumerate(
        [(82643729, "General"), (82643730.0, "0.00"), (1234567890, "# ##0"), (82643731, "0000000000")], 2
    ):
        sheet.cell(number, 1, value).number_format = code
        sheet.cell(number, 2, "DP")
        sheet.cell(number, 3, DAY(2027, 7, 2)).number_format = "d mmm yyyy"
    save(book, "numbers.xlsx")
    # Some programs write an integer with an exponent, or with a fraction of zero.
    with zipfile.ZipFile("numbers.xlsx") as source:
        members = {info.filename: source.read(info) for info in source.infolist()}
    part = "xl/worksheets/sheet1.xml"
    members[part] = members[part].replace(b"<v>82643729</v>", b"<v>8.2643729E+7</v>")
    members[part] = members[part].replace(b"<v>82643730</v>", b"<v>82643730.0</v>")
    with zipfile.ZipFile("numbers.xlsx", "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
    settle("numbers.xlsx")


def long_numbers():
    """A 17-digit card number typed into a cell: the spreadsheet kept 15 digits."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["Nom", "Carte", "Régime"], ["EXEMPLE Aïcha", 13036890686027500, "DP"]]:
        sheet.append(row)
    save(book, "long_numbers.xlsx")


def wrong():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Cartes"
    for row in [["Nom", "Carte", "Régime"], ["EXEMPLE", "04A1B2C3D4E580", "DP"], [], ["MODÈLE", "04A1B2", "Externe"]]:
        sheet.append(row)
    save(book, "wrong.xlsx")


def guess():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["Porteur", "Jeton", "Formule"], ["EXEMPLE", "04A1B2C3D4E580", "DP"], ["MODÈLE", "04A1B2C3D4E581", "Externe"]]:
        sheet.append(row)
    save(book, "guess.xlsx")


def ods():
    document = OpenDocumentSpreadsheet()
    table = Table(name="Élèves")
    document.spreadsheet.addElement(table)

    def text(value):
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=value))
        return cell

    def number(value, shown):
        cell = TableCell(valuetype="float", value=value)
        cell.addElement(P(text=shown))
        return cell

    def date(value, shown):
        cell = TableCell(valuetype="date", datevalue=value)
        cell.addElement(P(text=shown))
        return cell

    def row(*cells, **attributes):
        line = TableRow(**attributes)
        for cell in cells:
            line.addElement(cell)
        table.addElement(line)

    row(text("Nom"), text("Prénom"), text("Carte"), text("Régime"), text("Fin"))
    note = office.Annotation()
    note.addElement(P(text="carte perdue ?"))
    name = TableCell(valuetype="string")
    name.addElement(note)
    paragraph = P(text="EXEMPLE")
    paragraph.addElement(S(c=1))
    paragraph.addText("DUPONT")
    name.addElement(paragraph)
    row(name, text("Aïcha"), number("82643729", "82 643 729"), text("DP"), date("2027-07-02", "02/07/27"))
    row(TableCell(numbercolumnsrepeated=16384), numberrowsrepeated=3)
    row(text("MODÈLE"), text("Chloé"), number("1234567890", "1,23E+09"), text("Externe"), TableCell())
    row(text("FACTICE"), text("Œdipe"), number("82643731", "0082643731"), text("DP"), date("2027-07-02T23:59:59", "02/07/27"))
    row(TableCell(numbercolumnsrepeated=16384), numberrowsrepeated=1048570)
    other = Table(name="Agents")
    document.spreadsheet.addElement(other)
    document.save("cards.ods")
    settle("cards.ods")


cards()
numbers()
long_numbers()
wrong()
guess()
ods()
