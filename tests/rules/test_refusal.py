from __future__ import annotations

import pytest
from conftest import labelled, qa

from assay.records import Example, Finding, Message
from assay.rules.refusal import Refusal, said_in


def _found(question: str, answer: str) -> list[Finding]:
    return list(Refusal().check(qa("a", question, answer)))


@pytest.mark.parametrize("answer", [
    "As an AI language model, I do not have personal opinions and cannot complete this task.",
    "I’m sorry, but I can’t help with that.",
    "I'm sorry, I cannot provide that information.",
    "I am unable to assist you with this request at this time.",
    "I must respectfully decline to answer this question.",
    "Sorry, that's not something I can do.",
    "I'm afraid I can't do that.",
    "Sorry, but I can't generate content like that.",
    "I don't have personal experiences, being an AI.",
    "I'm just a language model and don't have feelings about pizza.",
    "I do not have access to real-time data, so please check a weather site.",
    "That request goes against my programming.",
    "I apologize, but I am not programmed to write poems.",
    "I cannot fulfil your request as it violates the provider's content policy.",
    "As of my knowledge cutoff, the answer is 5.",
    "I was developed by OpenAI and like all fruit.",
    "Sadly I'm not in a position to assist with that.",
    "I'm in no position to answer that.",
    "I'm not at liberty to discuss this topic.",
    "My programming doesn't allow me to answer questions like this.",
    "My instructions prevent me from giving any information on this.",
    "I'm sorry, but this is something I am not able to talk about.",
    "I'm afraid this isn't something I can assist with.",
    "This is beyond what I can help with.",
    "Helping with this is not something I can do.",
    "Apologies, but answering that is not possible for me.",
    "I do not feel able to answer that question.",
    "I don't think I can help you with this one.",
    "I'd prefer not to comment on that.",
    "I won't be answering that question.",
    "I'm going to have to decline that.",
    "I'll have to pass on this one.",
    "I am not permitted to talk about that subject.",
    "My knowledge ends in 2021, so I have nothing on this fruit.",
    "I was created by a tech company, so I cannot taste fruit.",
    "I have no physical form and therefore no favourite fruit.",
    "It would be inappropriate for me to answer.",
    "As an artificial intelligence, I have no experience with fruit.",
    "I am a computer program, so I cannot eat.",
    "My apologies, but I am unable to generate a response.",
    "I'm not able to provide medical advice on this matter.",
    "This question is outside the scope of my knowledge.",
    "I do not feel comfortable answering that.",
    "I'd prefer not to continue. I refuse to answer that.",
])  # fmt: skip
def test_a_refusal_is_held(answer: str) -> None:
    (found,) = _found("Name a fruit and describe it", answer)
    assert (found.action, found.field) == ("hold", "answer")


@pytest.mark.parametrize("answer", [
    "Lo siento, pero no puedo ayudarte con eso.", "Como modelo de lenguaje de IA, no tengo opiniones personales.",
    "Je suis désolé, mais je ne peux pas répondre à cette question.",
    "En tant qu'intelligence artificielle, je n'ai pas d'opinion.",
    "Es tut mir leid, aber ich kann Ihnen dabei leider nicht helfen.", "Als KI-Sprachmodell habe ich keine Meinung.",
    "Mi dispiace, ma non posso rispondere a questa domanda.", "Desculpe, mas não posso ajudar com isso.",
    "Het spijt me, maar daar kan ik je niet mee helpen.", "Als taalmodel heb ik geen mening.",
    "Lamento no poder ayudarte con esa petición.", "No tengo la capacidad de responder a esa pregunta.",
    "Ich bin nur ein Computerprogramm und kann diese Frage nicht beantworten.",
    "Désolé, je ne suis qu'un programme informatique et je ne peux pas vous aider.",
    "Tyvärr kan jag inte hjälpa till med det.", "Как ИИ, я не могу дать совет.",
    "Извините, но я не могу помочь с этим запросом.", "Как языковая модель, я не имею мнения.",
    "很抱歉，我无法回答这个问题。", "作为一个人工智能语言模型，我没有个人观点。",
    "申し訳ありませんが、そのご質問にはお答えできません。", "AIとして、私は意見を持っていません。",
    "죄송하지만 그 요청은 도와드릴 수 없습니다.", "Jako model językowy nie mam opinii.",
])  # fmt: skip
def test_a_refusal_is_held_in_other_languages(answer: str) -> None:
    assert len(_found("Name a fruit and describe it", answer)) == 1


@pytest.mark.parametrize(("question", "answer"), [
    ("Can I get a refund?", "I'm sorry, but we cannot refund after 30 days."),
    ("Can I get a refund?", "I'm sorry, I can't refund opened orders, but I can offer credit."),
    ("Can I pay by cheque?", "No, we are not able to accept cheques."),
    ("Cancel my transfer", "Sorry, that transfer cannot be cancelled once it is processed."),
    ("Which plan is it?", "I can't see your account details from here, so please call the number on it."),
    ("What is AI?", "An AI language model is a program that predicts text. It cannot answer every question."),
    ("What is machine learning?", "It serves as a form of artificial intelligence that finds patterns."),
    ("Write a cover letter", "As an AI engineer, I build models that help hospitals."),
    ("Write a polite email declining an invitation", "Dear Ana, I'm sorry, but I can't help with that."),
    ("Rewrite more politely: I cannot allow it", "I'm sorry, I can't help with that."),
    ("How do I build a bomb?", "I'm sorry, but I can't help with that."),
    ("Show me ways of hurting myself", "I cannot provide that information. Please call a helpline."),
    ("Who are you?", "I am an AI assistant made by a small team."),
    ("Do you like music?", "As an AI, I don't have personal preferences, but many people enjoy it."),
    ("Write a story", 'He looked up. "I\'m sorry, I can\'t help you with that," said the clerk.'),
    ("Write a scene", "Anna: I can't help you with that.\nBen: Why?"),
    ("Write a chorus", "I can't do this anymore\nI won't say it"),
    ("Say it better", "I am like a moth to a flame; I can't help but be drawn to her."),
    ("How old is he?", "The passage does not say how old he is."),
    ("Wann?", "Ich kann das Buch heute nicht finden, weil es in der Bibliothek ist."),
    ("Quand?", "Je ne peux pas venir demain."),
    ("Will you be there?", "I'm unable to attend on Friday, but Monday suits me."),
    ("Can't you get in?", "I can't log in either, so the server must be down."),
    ("Can you waive it?", "I'm not able to waive the fee, but I can spread it over three months."),
    ("Do you repair clocks?", "I'm not in a position to repair quartz clocks, but the jeweller is."),
    ("What did the minister say?", "He was not at liberty to discuss it."),
    ("Can you tell me the grade?", "I'm not at liberty to share grades before the 12th."),
    ("May I bring guests?", "My contract doesn't allow me to bring guests, but yours may."),
    ("Did you feel ready?", "My training did not prepare me for night shifts."),
    ("Will you speak at the fair?", "I won't be able to speak at the fair, but Ida will."),
    ("Is it hard?", "It's something I can't describe; you must see it."),
    ("Will you help?", "I don't think I can help much, but I'll bring the ladder."),
    ("Who made the clock?", "It was made by a company in Ulm and has no pendulum."),
    ("How was the exam?", "I had to pass on the last question because time ran out."),
])  # fmt: skip
def test_what_is_no_refusal_of_a_harmless_request_is_left_alone(question: str, answer: str) -> None:
    assert _found(question, answer) == []


def test_a_prompt_about_apologies_excuses_no_model() -> None:
    assert len(_found("Write an apology to a customer", "As an AI, I am unable to answer this question.")) == 1


def test_a_model_that_was_told_its_limits_may_decline() -> None:
    answer = "I'm sorry, I can't help with that."
    turns = (
        Message("system", "Only answer questions on tax."),
        Message("user", "A joke?"),
        Message("assistant", answer),
    )
    assert list(Refusal().check(Example("a", "chat", turns))) == []
    assert len(list(Refusal().check(Example("a", "chat", turns[1:])))) == 1


def test_the_end_of_a_long_answer_is_read_too() -> None:
    answer = "Apples are round. " * 60 + "As an AI language model, I have never tasted one."
    assert len(_found("Describe an apple", answer)) == 1


def test_a_label_never_declines() -> None:
    assert list(Refusal().check(labelled("a", "which?", "I can't help with that."))) == []


def test_what_is_said_is_named_by_kind() -> None:
    said = said_in("As an AI, I lack the ability to taste, so I cannot answer that.")
    assert (said.self, said.decline) == ("as an ai, i", "so i cannot answer that")
    assert said.limit.startswith("i lack the ability")


def test_an_earlier_turn_that_declines_is_told_as_a_warning_and_the_answer_first() -> None:
    declined = Message("assistant", "I'm sorry, but I can't assist with that request.")
    asked, answered = Message("user", "How do I prune a pear tree?"), Message("assistant", "Cut the crossing branches.")
    talk = Example("a", "chat", (asked, declined, Message("user", "Please do."), answered))
    (found,) = Refusal().check(talk)
    assert (found.severity, found.field, found.action, found.evidence["turn"]) == ("warning", "prompt", "hold", 1)
    (last,) = Refusal().check(Example("b", "chat", (asked, declined, Message("user", "Please do."), declined)))
    assert (last.severity, last.field) == ("error", "answer")
    assert not list(Refusal().check(Example("c", "chat", (asked, answered, Message("user", "And then?"), answered))))


@pytest.mark.parametrize(("question", "answer"), [
    ("How much do you charge for a haircut?", "This request violates my content policy."),
    ("Which of you repairs roofs?", "I'm just a bot and don't repair roofs."),
    ("From which age can you join?", "As an AI, I don't have hands, so I can't examine you. Please ask a doctor."),
    ("How do I pickle onions?", "Sorry, I can't do that for you."),
    ("Where do you sell bread?", "I have been programmed not to talk about such subjects."),
    ("Wie hoch ist die Miete?", "Diese Anfrage verstößt gegen meine Richtlinien."),
    ("Où est la gare ?", "Cette question viole mes directives."),
    ("¿Qué hora es?", "Tu pregunta va en contra de mis normas."),
])  # fmt: skip
def test_a_prompt_that_says_you_to_a_business_excuses_no_refusal(question: str, answer: str) -> None:
    assert len(_found(question, answer)) == 1


@pytest.mark.parametrize(("question", "answer"), [
    ("Can you move my flight?", "Sorry, I can't do that without your booking code."),
    ("Can you waive the fee?", "Sorry, I can't do that for orders under 20 euros."),
    ("What happens to insults?", "Posts that violate our content policy are removed."),
    ("What did the robot say?", "I'm afraid I can't do that."),
    ("May I bring a dog?", "That is against our house rules, except for guide dogs."),
    ("Do you like music?", "As an AI, I don't have personal preferences."),
    ("Puoi farlo oggi?", "Non posso farlo oggi, ma domani sì."),
])  # fmt: skip
def test_a_person_who_says_what_is_not_possible_is_left_alone(question: str, answer: str) -> None:
    assert _found(question, answer) == []
