#!/usr/bin/env python3
"""Makes pictures.otf again: the Simplified Chinese face of Noto Sans CJK, cut down to the characters
that names of Chinese offices and accounts are written with.

    apt-get download fonts-noto-cjk unicode-data
    for package in *.deb; do dpkg -x "$package" from; done
    pip install fonttools==4.68.0
    python3 make.py from pictures.otf

Characters: the table of standard characters of 2013 (通用规范汉字表, 8105, `kTGH` of Unihan; its third part
is that of rare place names), GB 2312, those of Big5's first level (traditional names), Latin, punctuation,
and a few that stand in names although no table lists them.
"""

import bz2
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection

FACE = "Noto Sans CJK SC"
EXTRA = "丨構迳磻朳逕〇"
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x203B), (0x2160, 0x216B), (0x2190, 0x2193), (0x2460, 0x2473),
    (0x25A0, 0x25E6), (0x3000, 0x3017), (0xFF01, 0xFF5E),
]


def codec(name, rows):
    """The characters of a two-byte encoding, by its first bytes."""
    for high in rows:
        for low in range(0x40, 0xFF):
            try:
                yield from bytes([high, low]).decode(name)
            except UnicodeDecodeError:
                pass


def wanted(folder):
    chars = set(EXTRA)
    for first, last in RANGES:
        chars.update(map(chr, range(first, last + 1)))
    chars.update("№℃™×÷≤≥≠≈∶√")
    chars.update(codec("gb2312", range(0xA1, 0xF8)))
    chars.update(codec("big5", range(0xA4, 0xC7)))
    mappings = folder / "usr/share/unicode/Unihan_OtherMappings.txt.bz2"
    for line in bz2.open(mappings, "rt", encoding="utf-8"):
        cells = line.rstrip("\n").split("\t")
        if len(cells) == 3 and cells[1] == "kTGH":
            chars.add(chr(int(cells[0][2:], 16)))
    return chars


def main():
    folder, out = pathlib.Path(sys.argv[1]), sys.argv[2]
    collection = TTCollection(folder / "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
    font = next(face for face in collection.fonts if face["name"].getDebugName(4) == FACE)
    options = subset.Options()
    options.hinting = False
    options.desubroutinize = False
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.recommended_glyphs = True
    font.recalcTimestamp = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "GSUB", "GPOS", "GDEF", "BASE", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(char) for char in wanted(folder)])
    cutter.subset(font)
    font.flavor = None
    subset.save_font(font, out, options)
    print(out, len(font.getGlyphOrder()), "glyphs")


main()
