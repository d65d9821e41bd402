"""run.py EXPECTED COMMAND…: runs the command in an empty folder of its own; it must exit with 0 and print
what the file EXPECTED says, where "…" stands for anything within a line."""
import difflib
import pathlib
import re
import subprocess
import sys
import tempfile


def main():
    expected = pathlib.Path(sys.argv[1]).read_text()
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            sys.argv[2:], cwd=folder, stdout=subprocess.PIPE, text=True, timeout=100, check=False
        )
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    if run.returncode != 0:
        sys.exit(f"exit status {run.returncode}, after printing\n{run.stdout}")
    if not re.fullmatch(pattern, run.stdout):
        both = expected.splitlines(), run.stdout.splitlines()
        lines = difflib.unified_diff(*both, "the page", "the program", lineterm="")
        sys.exit("\n".join(lines))


main()
