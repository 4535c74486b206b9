from __future__ import annotations

import json

import pytest
from conftest import qa

from assay.rules.secret import Secret

RANDOM = "Zk3vQ9xLw2Rt7Yb5Nc8Md1Pf6Hs4Jg0Ua2Ei"  # 36 letters and digits


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("key AKIA" + "QWERTYUIOPASDFGH", "AWS access key"),
        ("token ghp_" + RANDOM, "GitHub token"),
        ("glpat-" + RANDOM[:20], "GitLab token"),
        ("xoxb-" + "123456789012-" + RANDOM[:24], "Slack token"),
        ("AIza" + RANDOM[:35], "Google API key"),
        ("sk_live_" + RANDOM[:24], "Stripe key"),
        ("sk-proj-" + RANDOM, "model provider key"),
        ("hf_" + RANDOM[:34], "Hugging Face token"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "private key"),
        ("eyJ" + RANDOM[:20] + ".eyJ" + RANDOM[:20] + "." + RANDOM, "JSON web token"),
        ("postgres://admin:s3cr3t@db.internal:5432/x", "password in a URL"),
        ("Authorization: Bearer " + RANDOM, "bearer token"),
        ("password: hunter2", "password"),
        ("the wifi passphrase is Blue-Kettle-42", "passphrase"),
        ("API_KEY=5f4dcc3b5aa765d61d8327deb882cf99", "api_key"),
        ("my PIN is 4821", "pin"),
        ("redis://:p4ssw0rdX@cache:6379/0", "password in a URL"),
        ("Authorization: Basic am9lOmh1bnRlcjJ4", "basic credentials"),
        ("curl -u admin:Pa55word9 https://acme.io", "password of a command"),
        ("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", "service token"),
        ("acme_live_" + RANDOM, "token"),
        ("ENCRYPTION_KEY=" + RANDOM, "encryption_key"),
        ("The admin password is 6cVhiQYENf!", "password"),
        ("Passwort: Blumen77!", "passwort"),
        ("mot de passe : Soleil2023", "mot de passe"),
        ("パスワード：Sakura2024", "パスワード"),
        ("the CVV is 123", "cvv"),
    ],
)
def test_a_secret_is_held_named_and_never_repeated(text: str, kind: str) -> None:
    (found,) = Secret().check(qa("a", "please help", f"Sure. {text}"))
    assert found.action == "hold"
    assert [piece["kind"] for piece in found.evidence["secrets"]] == [kind]
    assert found.after is not None
    assert "[SECRET]" in found.after.answer
    start, end = found.evidence["secrets"][0]["span"]
    value = f"Sure. {text}"[start:end]
    assert value not in found.after.answer
    assert value not in found.message + json.dumps(dict(found.evidence))
    assert list(Secret().check(found.after)) == [], "a placeholder is no secret"


HALF = "wQ7" + "nTfkL2xUaMEKJ7PDRNWbGyCzYvHsR" + "iBq4oXeL"  # forty characters, as the secret half of a key pair has


@pytest.mark.parametrize(
    "text",
    [
        "Use the key AKIAQWERTYUIOPASDFGH with the secret %s.",
        "AKIAQWERTYUIOPASDFGH / %s",
        "%s belongs to AKIAQWERTYUIOPASDFGH, password: hunter2",
        "aws_key=%s",
        "The key we use for the bucket is, as always, %s!",
        "Unser geheimer Schlüssel lautet %s",
    ],
)
def test_the_secret_half_of_a_key_pair_is_masked_whatever_else_is(text: str) -> None:
    (found,) = Secret().check(qa("a", "How do I log in?", text % HALF))
    assert found.after is not None
    assert HALF not in found.after.answer
    assert "AKIA" not in found.after.answer
    assert "hunter2" not in found.after.answer


@pytest.mark.parametrize(
    "text",
    ["pw: Kx9!vv32qq", "wifi pass = Hund4Katze9", "User ana, pass: Kx9vv32qq", "Kennwort: Blumen77!", "PW=Kx9vv32qq"],
)
def test_a_password_by_its_short_name_is_held(text: str) -> None:
    (found,) = Secret().check(qa("a", "How do I log in?", text))
    assert found.after is not None
    assert found.after.answer.endswith("[SECRET]")


@pytest.mark.parametrize(
    "text",
    [
        "commit 5f4dcc3b5aa765d61d8327deb882cf99c0ffee12 fixes it",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
        "I forgot my password, how do I reset it?",
        "My password is incorrect",
        "Password: at least 8 characters",
        "password must be 12 characters long",
        "api_key = YOUR_API_KEY",
        "password = os.environ['DB_PASSWORD']",
        "password: ********",
        "password: example123",
        "api_key = my-dummy-key-0001",
        "PASSWORD=${DB_PASS_1}",
        "export TOKEN=<token>",
        "AKIAIOSFODNN7EXAMPLE",
        "http://localhost:8080/path@2x",
        "The secret is to whisk it for 3 minutes",
        "pip install scikit-learn; import sk-learn-contrib-something-long",
        "What is a PIN?",
        "Enter the security code",
        "the token is expired",
        "postgres://user:password@localhost:5432/db",
        "The most common password is 123456.",
        "passwords are 123456 and qwerty in most leaks",
        'integrity="sha384-' + RANDOM + '"',
        "https://docs.example.org/d/doc_" + RANDOM,
        "boarding pass: 4F7K9QX2, gate 12",
        "Tests: 12 pass: 12 fail: 0, pass = 2024",
        "the key getUserAccountBalanceById2ForTheMonthXyz",
        "checksum " + HALF,
        "test_getUserAccountBalanceByIdentifier2WithRetry",
    ],
)
def test_hashes_slots_and_talk_of_passwords_are_left_alone(text: str) -> None:
    assert list(Secret().check(qa("a", text, "ok"))) == []


def test_a_password_made_up_on_demand_is_no_secret() -> None:
    assert list(Secret().check(qa("a", "Generate a strong password", "The password is Zk39sLw02!"))) == []
    assert list(Secret().check(qa("a", "What is the wifi password?", "The password is Zk39sLw02!"))) != []


@pytest.mark.parametrize(
    "text",
    [
        "Le mot de passe de la boîte partagée est Chat!Gris42",
        "mon mot de passe c'est Lune_Verte7",
        "La contraseña del portal de citas es Verano2031",
        "Das Passwort für das Gästenetz lautet Nordsee_88",
        "The password of the lab freezer is Ice!Pick31",
        "password for the staging box: Qwe!7788x",
    ],
)
def test_a_password_is_found_behind_what_it_is_for(text: str) -> None:
    (found,) = Secret().check(qa("a", text, "Noted."))
    assert found.action == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "The password for the form is case-sensitive and short.",
        "Le mot de passe de ton compte est incorrect.",
        "The password of a guest is valid for 24hours only.",
        "Password for Windows 10 is 8-characters long",
        "A common password for such boxes is Admin123",
    ],
)
def test_talk_of_what_a_password_is_for_is_left_alone(text: str) -> None:
    assert list(Secret().check(qa("a", text, "Noted."))) == []


@pytest.mark.parametrize(
    "text",
    [
        "the PIN of the fuel card is 4029",
        "log in as steward / Kelp!2031",
        "sign in with r.voss and Moor.Hen61",
        "user clerk, password Heath#2055",
        "the code for the boathouse gate is 8157",
        "padlock combination: 12-34-08",
        "the key box opens with code 5208#",
        "the Wi-Fi code for crew is k3lp-Otter-77, keep it",
        "SSID Mooring, password fog-Horn-12",
        "secret key 8f14e45fceea167a5a36dedd4bea2543aa in the config",
        "der Code für die Haustür ist 5520#",
        "le code de la porte est 7741A",
        "el código de la alarma es 5512",
        "la combinazione della cassaforte è 12-40-33",
        "de code van de poort is 2299#",
        "kod do bramy to 7731#",
    ],
)
def test_what_opens_a_door_an_account_or_a_network_is_held(text: str) -> None:
    (found,) = Secret().check(qa("a", "please help", f"Sure, {text}."))
    assert found.after is not None
    assert "[SECRET]" in found.after.answer
    assert not set("0123456789") & set(found.after.answer), "nothing of the value is left"


@pytest.mark.parametrize(
    "text",
    [
        "The error code is 4031, and the country code 0049.",
        "The account code is 6200 in our books.",
        "The door code is changed every 90 days.",
        "The PIN must have 6 digits, 1234 is no good one.",
        "A discount code for the gate fee is 20 per cent, so use SPRING20.",
        "Pin 13 is the built-in LED, pin 4 ground.",
        "Log in as admin / moderator2 or as guest / public.",
        "The combination of 10-15-20 is a common fertiliser.",
        "The safe is 40-50-60 cm in size.",
        "The Wi-Fi standard 802.11ax has the key feature OFDMA-1024.",
        "Commit 7b52009b64fd0a2a49e6d8a939753077792b0554 mends the token parser.",
        "Die Postleitzahl ist 50667, der Fehlercode 4401.",
        "Le code postal est 75011.",
    ],
)
def test_codes_of_things_and_talk_of_codes_open_nothing(text: str) -> None:
    assert list(Secret().check(qa("a", "what is it", text))) == []
