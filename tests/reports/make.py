"""Writes the inputs of this folder that an editor cannot: workbooks, and texts in old encodings.

    python -m venv /tmp/venv && /tmp/venv/bin/pip install openpyxl xlwt odfpy
    /tmp/venv/bin/python tests/reports/make.py

Accounts and people are invented. What is there already is written again; look at the differences.
"""

import datetime
import io
import pathlib
import re
import zipfile

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from openpyxl.utils.datetime import CALENDAR_MAC_1904

HERE = pathlib.Path(__file__).parent / "input"
STAMP = datetime.datetime(2021, 6, 30, 8, 0)

FULL = [
    "序号", "错敏词", "推荐修改", "修改说明", "所在上下文", "所在文章", "快照", "账号类型", "账号名称", "唯一标识",
    "地区", "行业", "机构", "主页地址", "填报单位编码", "填报单位名称", "订单号", "文章采集时间", "监测时间",
    "数据显示时间", "发布时间", "内容类型", "问题类型", "问题级别", "数据来源", "是否高频词",
]


def fixed(data):
    """The same bytes each time: a package's parts carry the time of writing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(rb"20\d\d-\d\d-\d\dT[\d:.]+Z", b"2021-06-30T08:00:00Z", content)
            stamp = zipfile.ZipInfo(part.filename, (2021, 6, 30, 8, 0, 0))
            stamp.compress_type = zipfile.ZIP_STORED if part.filename == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(stamp, content)
    return out.getvalue()


def save(book, name, change=None):
    book.properties.created = book.properties.modified = STAMP
    data = io.BytesIO()
    book.save(data)
    data = data.getvalue()
    if change:
        data = changed(data, change)
    (HERE / name).write_bytes(fixed(data))


def changed(data, change):
    """Parts of a package by name: each content goes through `change`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return out.getvalue()


def sheet(book, title, rows, merged=(), first=False):
    page = book.active if first else book.create_sheet()
    page.title = title
    for row in rows:
        page.append(row)
    for area in merged:
        page.merge_cells(area)
    return page


def book(rows, merged=(), title="Sheet1"):
    whole = openpyxl.Workbook()
    sheet(whole, title, rows, merged, first=True)
    return whole


def workbooks():
    # A platform's own list, all columns, a title and a line of who and when above.
    rows = [
        ["政务新媒体每日检查报告"],
        ["填报单位：示范市大数据服务中心", None, None, None, None, None, "日期：2021年6月30日"],
        FULL,
        [1, "做为", "作为", "“做为”应为“作为”", "我们做为公务员，应当带头", "https://mp.weixin.qq.com/s?__biz=MzA1&mid=2247&idx=1&sn=a1",
         None, "微信公众号", "示范一区发布", "gh_demo01", "示范一区", "综合", "示范一区融媒体中心", "—", 350102,
         "示范一区融媒体中心", "WO20210630001", datetime.datetime(2021, 6, 30, 8, 2), datetime.datetime(2021, 6, 30, 9, 5),
         datetime.datetime(2021, 6, 30, 9, 30), datetime.date(2021, 6, 29), "文章", "错别字", "一般", "省平台", "否"],
        [2, "警钟常鸣", "警钟长鸣", None, "要警钟常鸣", "关于安全生产的通知", None, "微博", "示范二区教育", None, "示范二区", "教育",
         "示范二区教育局", None, 350103, "示范二区教育局", "WO20210630002", None, datetime.datetime(2021, 6, 30, 9, 10),
         None, datetime.date(2021, 6, 28), "文章", "严重表述错误", "单项否决", "省平台", "是"],
        ["合 计", 2],
        ["备注：以上数据截至2021年6月30日9时。"],
        ["填表人：林晓雨", None, None, None, "审核人：陈志远"],
    ]
    save(book(rows, ["A1:Z1", "A2:F2", "G2:Z2"]), "titles-and-totals.xlsx")

    # Two rows of headers: groups merged over their names, the others merged down.
    rows = [
        ["示范市政务新媒体问题清单"],
        ["序号", "账号信息", None, None, "主办单位", None, "问题", None, None, "发现时间"],
        [None, "账号名称", "账号类型", "唯一标识", "名称", "编码", "类型", "错误词", "建议修改", None],
        [1, "示范一区发布", "微信公众号", "gh_demo01", "示范一区融媒体中心", 350102, "错别字", "做为", "作为", "2021/6/30 9:05"],
        [2, "示范二区教育", "微博", None, "示范二区教育局", 350103, "严重表述错误", "警钟常鸣", "警钟长鸣", "2021/6/30 9:10"],
    ]
    merged = ["A1:J1", "A2:A3", "B2:D2", "E2:F2", "G2:I2", "J2:J3"]
    save(book(rows, merged), "two-row-header.xlsx")

    # Names that nobody knows below a group; a county's own table.
    rows = [
        ["新媒体类型", "新媒体名称", "责任单位", "更新情况", None, "问题类别"],
        [None, None, None, "检查时更新日期", "距今天数", None],
        ["微信", "示范三区发布", "示范三区管委会", "6月10日", 20, "超期未更新"],
        ["微博", "示范四县公安", "示范四县公安局", "5月31日", 30, "超期未更新"],
    ]
    save(book(rows, ["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2"]), "county-two-rows.xlsx")

    # Merged unit and account; an empty cell that is not merged stays empty.
    rows = [
        ["责任单位", "账号名称", "账号类型", "问题类型", "错敏词"],
        ["示范一区融媒体中心", "示范一区发布", "微信", "错别字", "做为"],
        [None, None, None, "错别字", "按装"],
        [None, "示范一区视频", "抖音", "错别字", "帐号"],
        [None, "示范无主号", "抖音", "错别字", "既使"],
        [None, None, None, "错别字", "座落"],
    ]
    save(book(rows, ["A2:A4", "B2:B3", "C2:C3"]), "merged-units.xlsx")

    # One sheet for each platform; one hidden; one that explains; one empty; one named by the area as well.
    whole = openpyxl.Workbook()
    header = ["序号", "账号名称", "责任单位", "问题类型", "错误词"]
    sheet(whole, "微信公众号", [header, [1, "示范一区发布", "示范一区融媒体中心", "错别字", "做为"]], first=True)
    sheet(whole, "微博(1)", [header, [1, "示范二区教育", "示范二区教育局", "表述错误", "警钟常鸣"]])
    sheet(whole, "填表说明", [["一、本表由平台自动生成。"], ["二、有问题请联系平台。"]])
    hidden = sheet(whole, "去年", [header, [1, "示范旧号", "示范局", "错别字", "旧"]])
    hidden.sheet_state = "hidden"
    sheet(whole, "示范一县抖音", [header, [1, "示范一县文旅", "示范一县文旅局", "错别字", "既使"]])
    whole.create_sheet("空表")
    save(whole, "sheets-of-platforms.xlsx")
    save(whole, "hidden-sheets-wanted.xlsx")
    (HERE / "hidden-sheets-wanted.xlsx.toml").write_text("hidden_sheets = true\n")

    # One sheet for each county.
    whole = openpyxl.Workbook()
    header = ["平台", "账号名称", "问题类型"]
    sheet(whole, "示范一区", [header, ["微信", "示范发布", "超期未更新"]], first=True)
    sheet(whole, "示范二县", [header, ["微信", "示范发布", "超期未更新"]])
    sheet(whole, "各县区汇总", [["县区", "数量"], ["示范一区", 1], ["示范二县", 1], ["合计", 2]])
    sheet(whole, "责任清单", [["县区", "问题类型", "数量"], ["示范一区", "超期未更新", 1]])
    save(whole, "sheets-of-counties.xlsx")

    # Dates as serial numbers since 1904.
    whole = openpyxl.Workbook()
    whole.epoch = CALENDAR_MAC_1904
    rows = [
        ["账号名称", "平台", "问题类型", "最后更新时间", "监测时间"],
        ["示范一区发布", "微信", "超期未更新", datetime.date(2021, 6, 10), 42915.375],
    ]
    sheet(whole, "Sheet1", rows, first=True)
    save(whole, "since-1904.xlsx")

    # Dates in every form, serial numbers that are not formatted, and what is none.
    rows = [["账号名称", "问题类型", "错敏词", "监测时间"]]
    for n, date in enumerate([
        datetime.datetime(2021, 6, 30, 9, 5), 44377.378472, "44377", "2021/6/30", "2021.6.30 9:05", "2021年6月30日",
        "6月30日", "7月16日", "20210630", "2021/6/30 下午 3:05", "2021年6月30日（星期三）上午9时5分", "未更新", "—", "昨天下午",
        "2021-13-45",
    ]):
        rows.append([f"示范{n + 1}号", "错别字", "做为", date])
    save(book(rows), "dates.xlsx")

    # Codes that are numbers, and numbers that a workbook cannot hold.
    rows = [
        ["填报单位编码", "单位名称", "账号名称", "联系电话", "订单号", "错敏词", "得分"],
        [350102, "示范局", "示范发布", 13900000000, 20210630000123, "做为", 0.1 + 0.2],
        ["350102", "示范局", "示范发布", "0591-87654321", 123456789012345678, "按装", 99.5],
    ]
    save(book(rows), "codes.xlsx")

    # Formulas: with a value, never calculated, and with errors.
    rows = [
        ["账号名称", "责任单位", "问题类型", "错敏词", "所在上下文"],
        ["示范一区发布", "=B9", "错别字", "做为", "=C9"],
        ["示范二区教育", "=Z1", "错别字", "按装", "好"],
        ["=#REF!", "示范局", "错别字", "既使", "好"],
        ["示范三区发布", "示范局", "错别字", "帐号", "=1/0"],
    ]

    def formulas(name, content):
        if name != "xl/worksheets/sheet1.xml":
            return content
        text = content.decode()
        for cell, kind, value in [
            ("B2", ' t="str"', "示范一区融媒体中心"), ("E2", ' t="str"', "算出来的"), ("A4", ' t="e"', "#REF!"),
            ("E5", ' t="e"', "#DIV/0!"),
        ]:
            start = text.index(f'<c r="{cell}"')
            end = text.index("</c>", start)
            piece = text[start:end]
            piece = piece.replace(f'r="{cell}"', f'r="{cell}"{kind}', 1)
            for empty in ("<v></v>", "<v />", "<v/>"):
                piece = piece.replace(empty, f"<v>{value}</v>")
            text = text[:start] + piece + text[end:]
        return text.encode()

    save(book(rows), "formulas.xlsx", formulas)

    # Headers of every trouble: twice, two for one field, spaces, line ends, full width, stars.
    rows = [
        ["序 号", "账号\n名称", "＊主办单位（必填）", "责任单位", "备注", "备注", "问题\r\n类型", "错敏词", "错敏词", None],
        [1, "示范一区发布", "示范一区融媒体中心", "示范一区宣传部", "甲", "乙", "错别字", "做为", "按装", "无表头"],
    ]
    save(book(rows), "headers-twice.xlsx")

    # Columns of which the settings say what they mean.
    rows = [
        ["问题来源账号", "账号名称", "处置建议", "问题定性", "内部批注", "等次"],
        ["示范一区发布", "平台内部名", "改为“作为”", "错别字", "不外传", "特急"],
    ]
    save(book(rows), "mapped-columns.xlsx")
    (HERE / "mapped-columns.xlsx.toml").write_text(
        '[columns]\n"问题来源账号" = "account_name"\n"处置建议" = "suggestion"\n"问题定性" = "problem_type"\n'
        '"内部批注" = "ignore"\n"平台内部名" = ""\n"等次" = "severity"\n'
    )

    # No column says whose.
    rows = [["序号", "公众号名", "错别词", "问题类型"], [1, "示范一区发布", "做为", "错别字"]]
    save(book(rows), "no-account-column.xlsx")

    # No header at all.
    save(book([["示范一区发布", "微信", "做为"], ["示范二区教育", "微博", "按装"]]), "no-header.xlsx")

    # Words that nobody knows.
    rows = [["账号名称", "平台", "问题类型", "问题级别"]]
    rows += [[f"示范{n}号", "微信", "配图不当", "较重"] for n in range(1, 4)]
    rows += [["示范4号", "知乎", "错别字", "一般"], ["示范5号", "微信", "内容已超期未更新十五天", None]]
    save(book(rows), "unknown-words.xlsx")

    # Accounts with their last update, nothing wrong.
    rows = [
        ["新媒体名称", "新媒体类型", "责任单位", "最后更新时间"],
        ["示范一区发布", "微信", "示范一区融媒体中心", datetime.date(2021, 6, 29)],
        ["示范二区教育", "微博", "示范二区教育局", "从未更新"],
    ]
    save(book(rows), "last-updates.xlsx")
    (HERE / "last-updates.xlsx.toml").write_text('mode = "freshness"\n')

    # A text that is called a workbook.
    (HERE / "text-called.xlsx").write_bytes("账号名称,问题类型\r\n示范一区发布,错别字\r\n".encode("gb18030"))
    # A workbook that was cut off.
    whole = (HERE / "merged-units.xlsx").read_bytes()
    (HERE / "cut-off.xlsx").write_bytes(whole[: len(whole) // 2])
    # A workbook that is larger than it may be.
    rows = [["账号名称", "问题类型"]] + [["示范一区发布", "错别字"]] * 400
    save(book(rows), "too-large.xlsx")
    (HERE / "too-large.xlsx.toml").write_text("max_unpacked = 20000\n")
    save(book(rows), "too-many-rows.xlsx")
    (HERE / "too-many-rows.xlsx.toml").write_text("max_rows = 100\n")
    # Sheets that are small enough each, and too large together.
    small = [["账号名称", "问题类型"]] + [["示范一区发布", "错别字"]] * 3
    whole = book(small)
    for name in ("二", "三"):
        sheet(whole, name, small)
    save(whole, "too-many-cells.xlsx")
    (HERE / "too-many-cells.xlsx.toml").write_text("max_cells = 20\n")
    # What a platform calls .xls: XML of 2003.
    (HERE / "xml-2003.xls").write_text(
        '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
        "<Worksheet/></Workbook>\n"
    )
    # A workbook that asks for a password: an old compound file with a part of that name.
    name = "EncryptedPackage".encode("utf-16-le")
    (HERE / "encrypted.xlsx").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + bytes(128) + name + bytes(128 - len(name)) + bytes(256)
    )


def old_workbooks():
    whole = xlwt.Workbook(encoding="utf-8")
    page = whole.add_sheet("微信公众号")
    page.write_merge(0, 0, 0, 4, "每日检查")
    for column, text in enumerate(["责任单位", "账号名称", "问题类型", "错敏词", "监测时间"]):
        page.write(1, column, text)
    page.write_merge(2, 3, 0, 0, "示范一区融媒体中心")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm")
    for row, (name, word) in enumerate([("示范一区发布", "做为"), ("示范一区视频", "按装")], 2):
        page.write(row, 1, name)
        page.write(row, 2, "错别字")
        page.write(row, 3, word)
        page.write(row, 4, datetime.datetime(2021, 6, 30, 9, 5), day)
    page.write(4, 0, "合计")
    page.write(4, 3, 2)
    hidden = whole.add_sheet("草稿")
    hidden.visibility = 1
    hidden.write(0, 0, "账号名称")
    data = io.BytesIO()
    whole.save(data)
    (HERE / "old.xls").write_bytes(data.getvalue())


def open_document():
    whole = OpenDocumentSpreadsheet()
    gone = Style(name="gone", family="table")
    gone.addElement(TableProperties(display="false"))
    whole.automaticstyles.addElement(gone)

    def page(name, rows, style=None):
        table = Table(name=name, stylename=style) if style else Table(name=name)
        for cells in rows:
            row = TableRow()
            for text in cells:
                if text is None:
                    row.addElement(TableCell())
                elif text == "<":
                    row.addElement(CoveredTableCell())
                elif isinstance(text, tuple):
                    cell = TableCell(valuetype="string", numberrowsspanned=text[1])
                    cell.addElement(P(text=text[0]))
                    row.addElement(cell)
                elif isinstance(text, int):
                    cell = TableCell(valuetype="float", value=text)
                    cell.addElement(P(text=str(text)))
                    row.addElement(cell)
                elif isinstance(text, datetime.date):
                    cell = TableCell(valuetype="date", datevalue=text.isoformat())
                    cell.addElement(P(text=str(text)))
                    row.addElement(cell)
                else:
                    cell = TableCell(valuetype="string")
                    cell.addElement(P(text=text))
                    row.addElement(cell)
            table.addElement(row)
        whole.spreadsheet.addElement(table)

    page("微博", [
        ["填报单位编码", "责任单位", "账号名称", "问题类型", "错敏词", "发布时间"],
        [350102, ("示范一区融媒体中心", 2), "示范一区发布", "错别字", "做为", datetime.date(2021, 6, 29)],
        [350102, "<", "示范一区视频", "错别字", "按装", datetime.date(2021, 6, 28)],
    ])
    page("草稿", [["账号名称", "问题类型"], ["示范旧号", "错别字"]], "gone")
    data = io.BytesIO()
    whole.write(data)
    (HERE / "open-document.ods").write_bytes(fixed(data.getvalue()))


def endless():
    """One row of an OpenDocument sheet that stands there a million times, in a few bytes."""
    whole = OpenDocumentSpreadsheet()
    table = Table(name="表")
    for cells, times in [(["账号名称", "问题类型"], 1), (["示范一区发布", "错别字"] * 50, 1_000_000)]:
        row = TableRow(numberrowsrepeated=times)
        for text in cells:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=text))
            row.addElement(cell)
        table.addElement(row)
    whole.spreadsheet.addElement(table)
    data = io.BytesIO()
    whole.write(data)
    (HERE / "endless.ods").write_bytes(fixed(data.getvalue()))


def texts():
    old = "帳號名稱,帳號類型,問題類型,錯敏詞,發佈時間\r\n示範一區發佈,微信公眾號,錯別字,做為,2021/6/29\r\n"
    (HERE / "traditional-big5.csv").write_bytes(old.encode("big5"))
    (HERE / "traditional-utf8.csv").write_text(old, newline="")
    # Big5 or GB18030: no header that is known tells.
    (HERE / "which-encoding.csv").write_bytes("媒體,管理\r\n問題,處理\r\n".encode("big5"))
    plain = "账号名称\t问题类型\t错敏词\t所在上下文\r\n示范一区发布\t错别字\t做为\t\"第一行\r\n第二行，“引文”\"\r\n示范二区教育\t错别字\t按装\t=\"0012\"\r\n"
    (HERE / "utf16-tabs.txt").write_bytes(plain.encode("utf-16"))
    (HERE / "utf8-bom.tsv").write_bytes(b"\xef\xbb\xbf" + plain.encode())
    gb = "填报单位编码;账号名称;问题类型;错敏词;联系电话\r\n=\"0012\";示范一区发布;错别字;做为;'0591123\r\n=\"0013\";示范二区教育;错别字;‘引号’;'引文'\r\n"
    (HERE / "semicolons-gbk.csv").write_bytes(gb.encode("gb18030"))
    wide = "账号名称，问题类型，错敏词，所在上下文\n示范一区发布，错别字，做为，\"一，二，三\"\n"
    (HERE / "full-width-commas.csv").write_text(wide)
    (HERE / "pipes.csv").write_text("账号名称|问题类型|错敏词\n示范一区发布|错别字|做为\n")
    (HERE / "pipes.csv.toml").write_text('delimiter = "|"\n')
    two = "每日检查报告,,,,\n序号,账号,,问题,\n,名称,类型,类型,错敏词\n1,示范一区发布,微信,错别字,做为\n合计,1,,,\n"
    (HERE / "two-row-header.csv").write_text(two)
    # A fuzzer's: the parts of a header in two rows were counted anew for each of its columns.
    rows = ["账号,,问题,", "账号名称,平台,问题类型,错敏词", "示范发布,微信公众号,错别字,警钟常鸣"]
    wide_rows = "".join(row + "," * 10_000 + "\n" for row in rows)
    (HERE / "ten-thousand-columns.csv").write_text(wide_rows, newline="")
    rows = "账号名称,问题类型,错敏词\n示范一区发布,错别字,做为,多一格\n示范二区教育,错别字\n示范三区发布,错别字,\"按装\n示范四县公安,错别字,既使\n"
    (HERE / "broken-rows.csv").write_text(rows)
    (HERE / "quote-open.csv").write_text("账号名称,错敏词,所在上下文\n示范一区发布,做为,好\n示范二区教育,按装,\"从这里\n示范三区发布,既使,好\n")
    whole = "账号名称,问题类型,错敏词\n示范一区发布,错别字,做为\n示范二区教育,错别字,按装\n".encode()
    (HERE / "cut-off.csv").write_bytes(whole[:-3])
    (HERE / "damaged.csv").write_bytes("账号名称,问题类型,错敏词\n示范?区发布,错别字,做为\n示范二区教育,错别字,按装\n".encode()
                                       + b"\xe7\xa4\xba\xff\xfe,x,y\n")
    (HERE / "only-a-header.csv").write_text("账号名称,问题类型,错敏词\n")
    (HERE / "empty.csv").write_text("\n")
    wide = "账号名称,问题类型" + "," * 20_000 + "\n"
    (HERE / "too-wide.csv").write_text(wide)
    forced = "名字;说法\n示范一区发布;错别字\n"
    (HERE / "all-by-settings.csv").write_bytes(forced.encode("gb18030"))
    (HERE / "all-by-settings.csv.toml").write_text(
        'encoding = "gbk"\ndelimiter = ";"\n\n[columns]\n"名字" = "account_name"\n"说法" = "problem_type"\n'
    )


workbooks()
old_workbooks()
open_document()
endless()
texts()
