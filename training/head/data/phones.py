"""Phones of the engines' notations, and the visemes that they show."""

from __future__ import annotations

from typing import Literal, get_args

from livedraft.runtime.models.head.visemes import VISEMES

Notation = Literal["arpabet", "ipa"]
NOTATIONS: tuple[str, ...] = get_args(Notation)

INDEX = {name: index for index, name in enumerate(VISEMES)}
GLIDE = 0.55  # of a diphthong's time, that shows its first vowel
UNKNOWN = "?"  # a phone of which nothing is known
HELD = -1  # what has no mouth of its own (/h/) shows the mouth that follows

_ARPABET = {
    "sil": "SIL PAU SP SPN NSN H# # BRTH",
    "PP": "P B M EM",
    "FF": "F V",
    "TH": "TH DH",
    "DD": "T D DX",
    "kk": "K G NG",
    "CH": "CH JH SH ZH",
    "SS": "S Z",
    "nn": "N L EN EL",
    "RR": "R ER AXR",
    "aa": "AA AE AH AX",
    "E": "EH",
    "I": "IH IY IX Y",
    "O": "AO",
    "U": "UH UW W UX",
}
_DIPHTHONGS = {
    "AY": ("aa", "I"),
    "AW": ("aa", "U"),
    "OY": ("O", "I"),
    "EY": ("E", "I"),
    "OW": ("O", "U"),
}
_IPA = {
    "sil": '_ . , ; : ! ? … — ( ) “ ” " ʔ',
    "PP": "p b m ɓ",
    "FF": "f v ʋ ɱ β",
    "TH": "θ ð",
    "DD": "t d ʈ ɖ ɾ ɽ T",
    "kk": "k ɡ g ŋ x ɣ q χ c ɟ ç",
    "CH": "ʃ ʒ ɕ ʑ ʂ ʐ ʧ ʤ ꭧ ꭦ",
    "SS": "s z ʦ ʣ",
    "nn": "n l ɲ ʎ ɳ ɭ ɫ",
    "RR": "r ɹ ɻ ʁ ʀ ɚ ɝ ɜ",
    "aa": "a ɑ æ ʌ ɐ ə ᵊ",
    "E": "e ɛ œ",
    "I": "i ɪ j ᵻ ɨ ɯ",
    "O": "ɔ o ɒ ɤ",
    "U": "u ʊ w y ʏ ø ɥ",
}
# Kokoro writes diphthongs with one letter, and espeak with two.
_IPA_DIPHTHONGS = {
    "A": ("E", "I"),
    "I": ("aa", "I"),
    "W": ("aa", "U"),
    "Y": ("O", "I"),
    "O": ("O", "U"),
    "Q": ("aa", "U"),
    "eɪ": ("E", "I"),
    "aɪ": ("aa", "I"),
    "aʊ": ("aa", "U"),
    "ɔɪ": ("O", "I"),
    "oʊ": ("O", "U"),
    "əʊ": ("aa", "U"),
    "ɔø": ("O", "I"),
    "ɔy": ("O", "I"),
    "ai": ("aa", "I"),
    "au": ("aa", "U"),
    "ei": ("E", "I"),
    "ou": ("O", "U"),
    "oi": ("O", "I"),
    "eu": ("E", "U"),
    "ia": ("I", "aa"),
    "ie": ("I", "E"),
    "io": ("I", "O"),
    "ua": ("U", "aa"),
    "ue": ("U", "E"),
    "ɪɹ": ("I", "RR"),
    "ɪə": ("I", "aa"),
    "eə": ("E", "aa"),
    "ʊə": ("U", "aa"),
    "ɔːɹ": ("O", "RR"),
    "ɑːɹ": ("aa", "RR"),
    "oːɹ": ("O", "RR"),
    "ɛɹ": ("E", "RR"),
    "ʊɹ": ("U", "RR"),
}
_BREATH = {"arpabet": {"HH", "HV", "H"}, "ipa": {"h", "ɦ", "ħ"}}
_MARKS = dict.fromkeys(map(ord, "ˈˌːˑ˞̩̯̪̥̬̃ʲʰʱʷ̚↓↗↘→↑ˤ'\"̝̞̻ 0123456789˥˦˧˨˩"))


def _inverse(table: dict[str, str]) -> dict[str, str]:
    return {phone: viseme for viseme, phones in table.items() for phone in phones.split()}


_SINGLE = {"arpabet": _inverse(_ARPABET), "ipa": _inverse(_IPA)}


def visemes_of(phone: str, notation: Notation) -> tuple[int, ...]:
    """Return the one or two visemes of a phone, as indices, or ``HELD``.

    A phone that no table knows raises ``KeyError``: a label is right or it is missing.
    """
    if notation == "arpabet":
        plain = phone.upper().rstrip("012")
        pair = _DIPHTHONGS.get(plain)
    else:
        plain = phone if phone in _IPA_DIPHTHONGS else phone.translate(_MARKS)
        pair = _IPA_DIPHTHONGS.get(plain)
    if pair:
        return INDEX[pair[0]], INDEX[pair[1]]
    if plain in _BREATH[notation]:
        return (HELD,)
    singles = _SINGLE[notation]
    if plain in singles:
        return (INDEX[singles[plain]],)
    if notation == "ipa" and len(plain) > 1:  # an affricate, or a long cluster of one phone
        first = visemes_of(plain[0], notation)
        last = visemes_of(plain[1:], notation)
        return first[0], last[-1]
    raise KeyError(f"no viseme for the phone {phone!r} ({notation})")
