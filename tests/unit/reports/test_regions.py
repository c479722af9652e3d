"""Regions of a page have names of their own, also where every calculator's chapter has the same tables."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent))
import invented

import reports


def test_no_two_regions_have_one_name() -> None:
    first = invented.result()
    (calculator,) = first.calculators
    again = msgspec.structs.replace(calculator, card=invented.card("invented_again", "Invented equation, again"))
    page = reports.to_bytes(invented.result(more=(again,)), "informatics").decode()
    texts = {id: re.sub(r"<[^>]+>", "", text) for id, text in re.findall(r'<(?:caption|h\d) id="([^"]+)">(.*?)</(?:caption|h\d)>', page)}
    regions = re.findall(r'role="region" aria-labelledby="([^"]+)"', page)
    names = [" ".join(texts[id] for id in region.split()) for region in regions]
    assert len(names) > 10
    assert sorted(names) == sorted(set(names))
