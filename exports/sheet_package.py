"""What a workbook is made of besides its sheet (ECMA-376): its parts by their names, and its styles. PURE."""

HEAD, MOMENT, DAY, DURATION, QUOTED = range(1, 6)  # places in the styles' cellXfs; 0 is plain

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT = "http://schemas.openxmlformats.org/package/2006/content-types"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PACKAGED = "application/vnd.openxmlformats-package.relationships+xml"
_FONT = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
_BASE = 'fontId="0" fillId="0" borderId="0" xfId="0"'
_STYLES = "".join(
    (
        f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="3">',
        '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>',
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>',
        '<numFmt numFmtId="166" formatCode="[h]:mm:ss"/></numFmts>',
        f'<fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts>',
        '<fills count="3"><fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid">',
        '<fgColor rgb="FFF1F4F8"/><bgColor indexed="64"/></patternFill></fill></fills>',
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
        f'<cellXfs count="6"><xf numFmtId="0" {_BASE}/>',
        '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" ',
        'applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>',
        *(f'<xf numFmtId="{n}" {_BASE} applyNumberFormat="1"/>' for n in (164, 165, 166)),
        f'<xf numFmtId="0" {_BASE} quotePrefix="1"/></cellXfs>',
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    )
)


def _relations(*targets: tuple[str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{_RELATIONS}">{lines}</Relationships>'


def _types() -> str:
    parts = (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"), ("styles", "styles"))
    lines = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts
    )
    return (
        f'{XML}<Types xmlns="{_CONTENT}"><Default Extension="rels" ContentType="{_PACKAGED}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{lines}</Types>'
    )


def book(name: str) -> str:
    """The workbook's own part; ``name`` of its sheet, as XML wants it."""
    sheet = f'<sheet name="{name}" sheetId="1" r:id="rId1"/>'
    return f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{sheet}</sheets></workbook>'


PACKAGE = {
    "[Content_Types].xml": _types(),
    "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
    "xl/_rels/workbook.xml.rels": _relations(
        ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")
    ),
    "xl/styles.xml": _STYLES,
}
