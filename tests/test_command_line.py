"""Exit codes and the one line of an error, as the shell sees them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys\nfrom command_line import Parser, command\nfrom foundation.errors import UserError\n{body}\ncommand(main)\n"
    return subprocess.run([sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "body, code, error",
    [
        ("def main(): sys.stdout.write('done\\n')", 0, ""),
        ("def main(): raise UserError('no such file: x; make it')", 2, "error: no such file: x; make it\n"),
        ("def main(): raise UserError('first\\nsecond')", 2, "error: first\n"),
        ("def main(): raise KeyboardInterrupt", 130, "interrupted\n"),
    ],
)
def test_exit_code_and_one_line(body, code, error):
    finished = run(body)
    assert (finished.returncode, finished.stderr) == (code, error)


def test_a_fault_of_the_program_keeps_its_traceback():
    finished = run("def main(): raise ValueError('bug')")
    assert finished.returncode == 1 and "Traceback" in finished.stderr


def test_wrong_arguments_are_one_line_too():
    body = "def main():\n    parser = Parser(prog='tool')\n    parser.add_argument('--n', type=int)\n    parser.parse_args()"
    for arguments, said in ((("--n", "many"), "invalid int value"), (("--m", "1"), "--m"), (("extra",), "extra")):
        finished = run(body, *arguments)
        assert finished.returncode == 2
        assert finished.stderr.count("\n") == 1 and finished.stderr.startswith("error: ") and said in finished.stderr
    assert run(body, "--help").returncode == 0


def test_a_reader_that_goes_away_is_no_fault():
    body = "from command_line import command\ndef main(): [print(i) for i in range(10**6)]\ncommand(main)"
    shell = f'{sys.executable} -c "{body}" | head -n 1; exit ${{PIPESTATUS[0]}}'
    finished = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (finished.returncode, finished.stdout, finished.stderr) == (141, "0\n", "")
