"""Words as integers: a column of categories that formulas can read by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = -1


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of words: `words` once, one integer code per patient (-1 = missing).

    Formulas write `sex == "female"`, `sex.pick(female=0.7, male=0.9)` or `class_.isin("3", "4")`.
    """

    words: tuple[str, ...]
    codes: NDArray[np.int8]

    @classmethod
    def from_words(cls, values: Any, words: Sequence[str]) -> Coded:
        """Code a sequence of words; None, NaN and "" are missing, any other unlisted word is a ValueError."""
        index = {word: code for code, word in enumerate(words)}
        index[""] = MISSING
        distinct, inverse = np.unique(np.array([_word(v) for v in values], dtype=object).astype(str), return_inverse=True)
        unknown = [word for word in distinct if word not in index]
        if unknown:
            raise ValueError(f"{len(unknown)} words are not among {', '.join(words)}")
        table = np.array([index[word] for word in distinct], dtype=np.int8)
        return cls(tuple(words), table[inverse] if len(distinct) else np.empty(0, np.int8))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: Any) -> Coded:
        return Coded(self.words, self.codes[rows])

    def __eq__(self, word: object) -> Any:
        return self.codes == self._code(str(word))

    def __ne__(self, word: object) -> Any:
        return self.codes != self._code(str(word))

    __hash__ = None  # type: ignore[assignment]

    def isin(self, *words: str) -> Any:
        """True where the word is one of `words`."""
        found = self == words[0]
        for word in words[1:]:
            found = found | (self == word)
        return found

    def pick(self, numbers: Mapping[str, float] | None = None, /, **by_name: float) -> Any:
        """The number that belongs to each patient's word; every word must have one; missing gives NaN."""
        chosen = dict(numbers or {}, **by_name)
        for word in chosen:
            self._code(word)
        table = np.array([chosen[word] for word in self.words] + [np.nan])
        return table[self.codes]

    @property
    def known(self) -> Any:
        """True where the word is recorded."""
        return self.codes != MISSING

    def to_words(self) -> NDArray[np.str_]:
        """The words as strings; missing is ""."""
        return np.array([*self.words, ""], dtype=np.str_)[self.codes]

    def _code(self, word: str) -> int:
        try:
            return self.words.index(word)
        except ValueError:
            raise KeyError(f"'{word}' is not one of {', '.join(self.words)}") from None


def _word(value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return str(value)
