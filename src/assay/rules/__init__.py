"""The rules: one file each, registered by name in a plain dict, in the order they run within their stage."""

from __future__ import annotations

from assay.rules.active_content import ActiveContent
from assay.rules.agreed_phrase import AgreedPhrase
from assay.rules.contradictory_answer import ContradictoryAnswer
from assay.rules.doubtful_label import DoubtfulLabel
from assay.rules.empty_answer import EmptyAnswer
from assay.rules.encoding_garbage import EncodingGarbage
from assay.rules.exact_duplicate import ExactDuplicate
from assay.rules.grammar import Grammar
from assay.rules.house_style import HouseStyle
from assay.rules.html_wrapping import HtmlWrapping
from assay.rules.imbalance import Imbalance
from assay.rules.inconsistent_answer import InconsistentAnswer
from assay.rules.known_test import KnownTest
from assay.rules.lookalike_letters import LookalikeLetters
from assay.rules.malformed import Malformed
from assay.rules.misspelling import Misspelling
from assay.rules.mojibake import Mojibake
from assay.rules.near_duplicate import NearDuplicate
from assay.rules.off_domain import OffDomain
from assay.rules.offensive import Offensive
from assay.rules.person_name import PersonName
from assay.rules.pii import Pii
from assay.rules.prompt_injection import PromptInjection
from assay.rules.protocol import BatchRule, RowRule, Rule, SetRule, Stage, finding, set_finding, settings_of
from assay.rules.refusal import Refusal
from assay.rules.repetition_loop import RepetitionLoop
from assay.rules.secret import Secret
from assay.rules.spacing import Spacing
from assay.rules.straddling_group import StraddlingGroup
from assay.rules.swapped_answer import SwappedAnswer
from assay.rules.template_tokens import TemplateTokens
from assay.rules.test_leakage import TestLeakage
from assay.rules.truncated_answer import TruncatedAnswer
from assay.rules.unread_language import UnreadLanguage
from assay.rules.unsupported_answer import UnsupportedAnswer
from assay.rules.unsupported_detail import UnsupportedDetail
from assay.rules.web_debris import WebDebris
from assay.rules.wrong_label import WrongLabel
from assay.rules.wrong_language import WrongLanguage

RULES: dict[str, type[Rule]] = {
    rule.name: rule
    for rule in (
        HtmlWrapping, Mojibake, LookalikeLetters, Spacing, AgreedPhrase, Pii, PersonName,
        EmptyAnswer, Malformed, TemplateTokens, PromptInjection, ActiveContent, Secret, Offensive,
        WebDebris, EncodingGarbage, Refusal, RepetitionLoop, Grammar,
        ExactDuplicate, NearDuplicate,
        TestLeakage, StraddlingGroup, KnownTest, TruncatedAnswer,
        InconsistentAnswer, ContradictoryAnswer, SwappedAnswer, UnsupportedDetail, UnsupportedAnswer,
        WrongLabel, DoubtfulLabel, OffDomain, WrongLanguage, UnreadLanguage, Misspelling, HouseStyle, Imbalance,
    )
}  # fmt: skip

__all__ = ["RULES", "BatchRule", "RowRule", "Rule", "SetRule", "Stage", "finding", "set_finding", "settings_of"]
