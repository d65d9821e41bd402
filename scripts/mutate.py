"""Mutation tests of framework/acre/schedule; see mutate.sh, which builds what this needs."""

import argparse
import concurrent.futures
import pathlib
import random
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading

LAYER = pathlib.Path("framework/acre/schedule")
TESTS = [
    ["tests/schedule_test", "--gtest_brief=1", "--gtest_fail_fast"],
    ["bin/acre-simulate", "--seeds", "0..300"],
]
SECONDS = 60  # for one run of the tests, which takes a second or two unless a mutant hangs
MEMORY = 4 << 30

# What is replaced by what. Operators that are surrounded by blanks are binary ones, thanks to clang-format.
SWAPS = [
    (r" == ", [" != "]),
    (r" != ", [" == "]),
    (r" < ", [" <= ", " >= "]),
    (r" <= ", [" < ", " > "]),
    (r" > ", [" >= ", " <= "]),
    (r" >= ", [" > ", " < "]),
    (r" \+ ", [" - "]),
    (r" - ", [" + "]),
    (r" \* ", [" / "]),
    (r" / ", [" * "]),
    (r" \+= ", [" -= "]),
    (r" -= ", [" += "]),
    (r"\+\+(?=\w)", ["--"]),
    (r"--(?=\w)", ["++"]),
    (r" && ", [" || "]),
    (r" \|\| ", [" && "]),
    (r"std::min\b", ["std::max"]),
    (r"std::max\b", ["std::min"]),
    (r"\btrue\b", ["false"]),
    (r"\bfalse\b", ["true"]),
    (r"(?<=[\s(])!(?=[\w(])", [""]),
]
NUMBER = re.compile(r"(?<![\w.'])(\d+)(?=u?\b)(?![\w.']*[.'xb])")
CONDITION = re.compile(r"^(\s*(?:\} else )?(?:if|while) \()(.*)(\).*)$")
STATEMENT = re.compile(
    r"^\s+(?!(?:const|auto|constexpr|static|using|struct|return|case|default|break)\b)"
    r"(?!std::\w+ \w+ =)[\w(+\-].*;\s*$"
)


class Mutant:
    """A file with one line changed; `lines` are those of the file as it was when this began."""

    def __init__(self, path, lines, number, after):
        self.path, self.lines, self.number, self.after = path, lines, number, after

    def __str__(self):
        return f"{self.path}:{self.number}: {self.lines[self.number - 1].strip()}  =>  {self.after.strip()}"

    def text(self):
        return "\n".join(self.lines[: self.number - 1] + [self.after] + self.lines[self.number :]) + "\n"


def without_text(line):
    """The line with comments and string literals blanked, so that columns stay."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', lambda m: '"' + " " * (len(m.group()) - 2) + '"', line)
    return re.sub(r"//.*", lambda m: " " * len(m.group()), line)


def closing(text, start):
    """The place of the parenthesis that closes the one before `start`, or -1."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return -1


def changes_of(line):
    """All single changes of one line."""
    code = without_text(line)
    if not code.strip() or re.match(r"\s*(#|ACRE_CHECK|namespace|template)", code):
        return
    for pattern, replacements in SWAPS:
        for match in re.finditer(pattern, code):
            for replacement in replacements:
                yield line[: match.start()] + replacement + line[match.end() :]
    for match in NUMBER.finditer(code):
        value = int(match.group(1))
        for other in [value + 1] + ([value - 1] if value > 0 else []):
            yield line[: match.start(1)] + str(other) + line[match.end(1) :]
    condition = CONDITION.match(code)
    if condition:
        start = condition.end(1)
        end = closing(code, start)
        if end >= 0:
            yield f"{line[:start]}!({line[start:end]}){line[end:]}"
            body = line[end + 1 :].strip()
            if body.endswith(";"):
                yield line[: end + 1] + " {}"
    elif STATEMENT.match(code) and code.count("(") == code.count(")"):
        yield re.match(r"\s*", line).group() + ";"


def mutants_of(path):
    lines = path.read_text().splitlines()
    open_parentheses = 0  # a statement over several lines is not removed
    for number, line in enumerate(lines, 1):
        if open_parentheses == 0 or not STATEMENT.match(without_text(line)):
            for changed in dict.fromkeys(changes_of(line)):
                if changed != line:
                    yield Mutant(path, lines, number, changed)
        open_parentheses += without_text(line).count("(") - without_text(line).count(")")


def command_of(build, name):
    """How the build links the program, or compiles the file."""
    asked = ["ninja", "-C", build, "-t", "commands", "-s", name]
    target = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    return shlex.split(target.removeprefix(": && ").split(" && ")[0])


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Bench:
    """Builds and tests mutants, each thread in a folder of its own."""

    def __init__(self, build, folder):
        self.build, self.folder, self.threads = pathlib.Path(build), pathlib.Path(folder), {}
        self.links = [command_of(build, test[0]) for test in TESTS]
        layer = "framework/acre/schedule/CMakeFiles/acre_schedule.dir"
        compiler = command_of(build, f"{layer}/scheduler.cpp.o")
        end = compiler.index("-MD")
        copy = self.folder / "copy" / "acre" / LAYER.name  # of headers, which may change meanwhile
        shutil.copytree(LAYER, copy)
        self.compile = [compiler[0], f"-I{self.folder}/copy", "-w"]
        self.compile += [word for word in compiler[1:end] if word != "-Werror"]
        header = self.folder / "all.hpp"
        names = sorted(path.name for path in LAYER.glob("*.hpp"))
        header.write_text("".join(f"#include <acre/schedule/{name}>\n" for name in names))
        subprocess.run(self.compile + ["-x", "c++-header", str(header), "-o", f"{header}.gch"], check=True)
        self.compile += ["-include", str(header)]

    def place(self):
        """A folder of this thread."""
        place = self.folder / str(threading.get_ident())
        place.mkdir(exist_ok=True)
        return place

    def link(self, command):
        place = self.place()
        output = command.index("-o")
        program = place / pathlib.Path(command[output + 1]).name
        changed = command[:output] + [str(place / "mutant.o"), "-o", str(program)] + command[output + 2 :]
        subprocess.run(changed, cwd=self.build, check=True, capture_output=True)
        return program

    def verdict(self, mutant):
        """`killed`, `survived`, or `invalid` if it does not compile."""
        source = self.place() / "mutant.cpp"
        source.write_text(mutant.text())
        compile_it = self.compile + ["-c", str(source), "-o", str(source.with_suffix(".o"))]
        compiled = subprocess.run(compile_it, capture_output=True, check=False)
        if compiled.returncode != 0:
            return "invalid"
        for test, link in zip(TESTS, self.links):
            program = self.link(link)
            try:
                run = subprocess.run(
                    [str(program)] + test[1:],
                    cwd=self.place(),
                    capture_output=True,
                    timeout=SECONDS,
                    check=False,
                    preexec_fn=limits,
                )
            except subprocess.TimeoutExpired:
                return "killed"
            if run.returncode != 0:
                return "killed"
        return "survived"


def arguments():
    parser = argparse.ArgumentParser(prog="mutate.sh", description="Mutation tests of the scheduler.")
    parser.add_argument("--build", required=True)
    parser.add_argument("--sample", type=int, metavar="N", help="only N mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which ones")
    parser.add_argument("--jobs", type=int, default=2, metavar="J")
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="all of the layer unless given")
    return parser.parse_args()


def main():
    options = arguments()
    # What holds the invariants against the scheduler is a test itself.
    files = options.files or sorted(path for path in LAYER.glob("*.cpp") if path.name != "check.cpp")
    mutants = [mutant for path in files for mutant in mutants_of(path)]
    if options.sample is not None and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)
    print(f"{len(mutants)} mutants", flush=True)
    counts = {"killed": 0, "survived": 0, "invalid": 0}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.build, folder)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for mutant, verdict in zip(mutants, pool.map(bench.verdict, mutants)):
                counts[verdict] += 1
                if verdict == "survived":
                    print(mutant, flush=True)
    tried = counts["killed"] + counts["survived"]
    score = 100 * counts["killed"] / tried if tried else 100
    caught = f"{counts['killed']} of {tried} mutants caught: {score:.1f} %"
    print(f"{caught} ({counts['invalid']} did not compile)")
    sys.exit(0 if score >= 90 else 1)


if __name__ == "__main__":
    main()
