"""extract.py FOLDER PAGE…: writes each program of the pages, a cpp block with a main, as
FOLDER/<page>_<n>.cpp, and the text block that follows it, which is what it prints, as
FOLDER/<page>_<n>.txt; prints the programs' names."""
import pathlib
import re
import sys

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write(path, text):
    """Only if it changes, so that nothing is built again for no reason."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def programs(page):
    """(source, output) of each program of a page."""
    blocks = BLOCK.findall(page.read_text())
    for place, (language, source) in enumerate(blocks):
        if language != "cpp" or "int main(" not in source:
            continue
        following = blocks[place + 1] if place + 1 < len(blocks) else ("", "")
        if following[0] != "text":
            sys.exit(f"{page}: program {place} is not followed by a text block with its output")
        yield source, following[1]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for page in map(pathlib.Path, sys.argv[2:]):
        for number, (source, output) in enumerate(programs(page), 1):
            name = f"{page.stem.lower().replace('-', '_')}_{number}"
            write(folder / f"{name}.cpp", source)
            write(folder / f"{name}.txt", output)
            print(name)


main()
