"""What our code, templates and scripts do nowhere, read from themselves."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.house.test_stairs import ROOMS, ROOT, files, modules, name, tree

CODE = [ROOT / "app.py", *modules(*ROOMS)]
TEMPLATES = files(".html", ".jinja")
SCRIPTS = [path for path in files(".js") if "vendor" not in path.parts]


@cache
def calls() -> list[tuple[str, ast.Call, str]]:
    """Every call in our rooms: what is called, the call, and where it stands."""
    return [
        (ast.unparse(node.func), node, f"{name(path)}:{node.lineno}")
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    ]


def where(pattern: str, paths: list[Path]) -> list[str]:
    """The lines in these files that a pattern fits."""
    return [
        f"{name(path)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def is_fixed(node: ast.expr) -> bool:
    """Whether an expression is written down, not put together from something else."""
    return isinstance(node, ast.Constant)


@pytest.mark.asvs("1.3.2")
def test_no_text_is_run_as_code() -> None:
    risky = {"eval", "exec", "compile", "__import__", "importlib.import_module"}
    assert not [at for called, _, at in calls() if called in risky]


@pytest.mark.asvs("1.2.5")
def test_no_command_is_given_to_a_shell() -> None:
    shells = re.compile(r"os\.(system|popen|spawn|exec)|pty\.")
    assert not [at for called, _, at in calls() if shells.match(called)]
    assert not [
        at
        for called, call, at in calls()
        if called.startswith(("subprocess.", "asyncio.create_subprocess_shell"))
        and (
            any(word.arg == "shell" for word in call.keywords)
            or (call.args and isinstance(call.args[0], (ast.JoinedStr, ast.BinOp)))
        )
    ]


@pytest.mark.asvs("1.2.4")
def test_no_statement_to_the_database_is_put_together_from_what_came_in() -> None:
    """SQL is written by SQLAlchemy, or fixed; core/ alone names tables and settings in it."""
    takes_sql = {"text", "sa.text", "exec_driver_sql", "executescript", "literal_column"}
    assert not [
        at
        for called, call, at in calls()
        if called.rpartition(".")[2] in takes_sql
        and call.args
        and not is_ours(call.args[0])
        and not at.startswith(("core/", "directory/search/"))
    ]


@pytest.mark.asvs("1.3.7")
def test_no_template_is_made_of_what_came_in() -> None:
    makers = {"render_template_string", "from_string", "Template"}
    assert not [at for called, _, at in calls() if called.rpartition(".")[2] in makers]


@pytest.mark.asvs("1.1.2", "1.2.1")
def test_no_template_switches_escaping_off() -> None:
    """But for one field, which is made safe before it is kept (test_cleaning)."""
    [unescaped] = where(r"\|\s*safe\b|autoescape\s+false|\|\s*forceescape", TEMPLATES)
    assert unescaped.startswith("templates/directory/activity.html:")
    assert not [
        at
        for called, call, at in calls()
        if called.endswith("Environment")
        and not any(word.arg == "autoescape" and is_true(word.value) for word in call.keywords)
    ]


def is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


@pytest.mark.asvs("1.5.2")
def test_nothing_that_came_in_is_unpickled() -> None:
    risky = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "cPickle"}
    importing = [
        name(path)
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and risky & {each.name.partition(".")[0] for each in node.names}
        | ({node.module} & risky if isinstance(node, ast.ImportFrom) else set())
    ]
    assert not importing
    for called, call, at in calls():
        if called in {"np.load", "numpy.load"}:
            said = {word.arg: word.value for word in call.keywords}
            assert "allow_pickle" not in said or not is_true(said["allow_pickle"]), at


@pytest.mark.asvs("1.5.1")
def test_no_xml_that_came_in_is_parsed() -> None:
    """XML is only written here. Nothing reads it, so nothing can be smuggled into it."""
    parsers = {"parse", "fromstring", "XML", "iterparse", "XMLParser", "XMLPullParser"}
    modules_of_xml = {"Tree", "ElementTree", "ET", "etree", "minidom", "sax", "lxml"}
    found = [called.split(".") for called, _, _ in calls()]
    assert not [
        each
        for each in found
        if len(each) > 1 and each[-2] in modules_of_xml and each[-1] in parsers
    ]


@pytest.mark.asvs("1.2.9")
def test_what_came_in_is_never_a_pattern() -> None:
    """A pattern is fixed, or made once when a module is read; else it is escaped."""
    takers = {"compile", "match", "search", "fullmatch", "sub", "split", "findall", "finditer"}
    loose = []
    for path in CODE:
        for function in ast.walk(tree(path)):
            if isinstance(function, (ast.FunctionDef, ast.Lambda)):
                loose += [
                    f"{name(path)}:{call.lineno} {ast.unparse(call.args[0])[:60]}"
                    for call in ast.walk(function)
                    if isinstance(call, ast.Call)
                    and ast.unparse(call.func).startswith("re.")
                    and ast.unparse(call.func)[3:] in takers
                    and not is_ours(call.args[0])
                ]
    assert not loose


def is_ours(node: ast.expr) -> bool:
    """Fixed, one of the module's own constants, or those with what is between them escaped."""
    if isinstance(node, ast.JoinedStr):
        inside = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return all(is_ours(each) for each in inside)
    if isinstance(node, ast.Call):
        return "re.escape" in ast.unparse(node)
    if isinstance(node, ast.UnaryOp):
        return is_ours(node.operand)
    return is_fixed(node) or (isinstance(node, ast.Name) and node.id.lstrip("_").isupper())


@pytest.mark.asvs("1.3.10")
def test_what_came_in_is_never_a_format() -> None:
    """Text is put together by f-strings, or by a sentence of ours that has a name in the code."""
    loose = []
    for called, call, at in calls():
        if called.endswith((".format", ".format_map")) and isinstance(call.func, ast.Attribute):
            taken = ast.unparse(call.func.value)
            if "form" in taken.split(".") or "request" in taken or ".data" in taken:
                loose.append(at)
    assert not loose


@pytest.mark.asvs("15.3.3")
def test_no_form_fills_a_record_by_the_names_of_its_fields() -> None:
    risky = re.compile(r"\.populate_obj$|\.form\.to_dict$")
    assert not [at for called, _, at in calls() if risky.search(called)]
    assert not [
        at
        for called, call, at in calls()
        for word in call.keywords
        if word.arg is None
        and ast.unparse(word.value).startswith("request.")
        and called != "url_for"
    ]


@pytest.mark.asvs("11.3.1", "11.3.2", "11.4.1")
def test_only_sound_ciphers_and_hashes_are_named() -> None:
    weak = r"\b(ECB|CBC|PKCS1v15|ARC4|TripleDES|Blowfish|Fernet|MD4|RIPEMD)\b"
    assert not where(weak, CODE)
    risky = re.compile(r"hashlib\.(md5|sha1|new)$|hashes\.(MD5|SHA1)$")
    assert not [at for called, _, at in calls() if risky.search(called)]


@pytest.mark.asvs("11.5.1", "7.2.3")
def test_what_must_not_be_guessed_is_drawn_by_secrets() -> None:
    """`random` is for the invented people of the demo; tokens have 128 bits or more."""
    users = [
        name(path)
        for path in CODE
        if re.search(r"^(import|from) random\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert not [user for user in users if not user.startswith("demo/")]
    for called, call, at in calls():
        if called in {"secrets.token_urlsafe", "secrets.token_bytes"} and call.args:
            size = call.args[0]
            assert not isinstance(size, ast.Constant) or int(str(size.value)) >= 12, at


@pytest.mark.asvs("3.2.2")
def test_scripts_write_text_as_text() -> None:
    """Markup goes in only as the server's own page, which has escaped what people typed."""
    risky = where(r"insertAdjacentHTML|outerHTML\s*=|document\.write|\.html\(", SCRIPTS)
    assert not risky
    written = {each.partition(":")[0] for each in where(r"innerHTML\s*=", SCRIPTS)}
    assert written <= {"static/js/kith.js", "static/js/map.js"}


@pytest.mark.asvs("3.5.5")
def test_no_script_listens_to_other_windows() -> None:
    assert not where(r"postMessage|[\"']message[\"']|onmessage", [*SCRIPTS, *TEMPLATES])


@pytest.mark.asvs("14.3.3")
def test_no_script_keeps_anything_in_the_browser() -> None:
    """Only the worker keeps pages, and those only that anybody may see (test_offline)."""
    assert not where(r"localStorage|sessionStorage|indexedDB|document\.cookie", [*SCRIPTS])
    keeping = {each.partition(":")[0] for each in where(r"\.put\(|addAll\(", [*TEMPLATES])}
    assert keeping <= {"templates/house/sw.js.jinja"}


@pytest.mark.asvs("15.3.6")
def test_no_script_writes_under_a_name_that_came_in() -> None:
    assert not where(r"__proto__|\.prototype(\.\w+|\[.*\])\s*=|\beval\(|\bFunction\(", SCRIPTS)


@pytest.mark.asvs("14.2.3")
def test_no_page_or_script_fetches_from_another_site() -> None:
    fetched = r"<(script|img|iframe|source|link)\b[^>]*\b(src|href)=[\"']https?:|fetch\([\"'`]http"
    assert not where(fetched, [*TEMPLATES, *SCRIPTS])


@pytest.mark.asvs("6.2.6", "6.2.7")
def test_a_password_is_typed_unseen_and_may_be_pasted() -> None:
    assert not where(r"onpaste|oncopy", [*TEMPLATES, *SCRIPTS])
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    assert not re.search(r"[\"']paste[\"'][^}]*preventDefault", scripts)
    masked = re.compile(r"\bpassword\w*\s*=\s*(\w+)\(")
    kinds = {
        found.group(1)
        for path in CODE
        for found in masked.finditer(path.read_text(encoding="utf-8"))
        if found.group(1).endswith("Field")
    }
    assert kinds == {"PasswordField"}


@pytest.mark.asvs("6.4.2")
def test_nobody_is_asked_for_the_name_of_their_first_pet() -> None:
    asked = r"(?i)secret.?question|security.?question|password.?hint|mother.?s maiden"
    assert not where(asked, [*CODE, *TEMPLATES])


@pytest.mark.asvs("11.2.1", "11.6.1")
def test_ciphers_are_those_of_a_library_that_experts_keep() -> None:
    """No cipher, hash or signature is our own; keys are drawn by the system."""
    known = {"cryptography", "hashlib", "hmac", "secrets", "argon2", "webauthn", "authlib", "pyotp"}
    other = {"Crypto", "Cryptodome", "nacl", "rsa", "ecdsa", "jwt", "passlib", "bcrypt", "crypt"}
    named = {
        (each.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for each in node.names
    }
    assert not named & other
    assert named & known >= {"cryptography", "secrets", "argon2"}
    hashes = {called for called, _, _ in calls() if re.fullmatch(r"hashlib\.\w+", called)}
    assert hashes <= {"hashlib.sha256", "hashlib.sha512", "hashlib.blake2b"}, hashes


@pytest.mark.asvs("12.3.2")
def test_whoever_we_ask_must_prove_who_they_are() -> None:
    loose = r"verify\s*=\s*False|CERT_NONE|_create_unverified|check_hostname\s*=\s*False"
    assert not where(loose, CODE)
    made = [at for called, _, at in calls() if called == "ssl.SSLContext"]
    assert not made, "ssl.create_default_context checks certificates and names"
    starting = [call for called, call, _ in calls() if called.endswith(".starttls")]
    assert starting
    assert all(any(word.arg == "context" for word in call.keywords) for call in starting)


@pytest.mark.asvs("16.2.3")
def test_the_log_goes_to_one_place() -> None:
    """Standard error, as docs/assurance/log-inventory.md says; no file, no other machine."""
    places = re.compile(r"(File|Socket|SysLog|HTTP|SMTP|Datagram|Watched\w+|Rotating\w+)Handler$")
    assert not [at for called, _, at in calls() if places.search(called)]
    streams = [at for called, _, at in calls() if called.endswith("StreamHandler")]
    assert [at.partition(":")[0] for at in streams] == ["core/logs.py"]
