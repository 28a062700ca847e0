"""From here on, what the sanitizers say of the programs under test goes to a folder, whoever starts them
and whatever becomes of their output. By itself UBSan says it in passing, without the word "Sanitizer",
and lets the program go on; and what a program says at its end, no log may be there to keep. Beside ASan,
gcc's UBSan writes to no folder: it aborts, which ASan reports with the stack."""
import atexit
import os
import pathlib
import shutil
import tempfile

OPTIONS = {"ASAN_OPTIONS": "exitcode=99:handle_abort=1",
           "UBSAN_OPTIONS": "abort_on_error=1:halt_on_error=1:print_stacktrace=1"}

reports = pathlib.Path(tempfile.mkdtemp(prefix="sanitizer-"))
reports.chmod(0o1777)  # of programs that became another user, too
atexit.register(shutil.rmtree, reports, ignore_errors=True)
for name, ours in OPTIONS.items():
    os.environ[name] = ":".join([ours, os.environ.get(name, ""), f"log_path={reports}/{name}"])


def said():
    """All since it was asked last; "" when there is nothing. A warning alone is nothing."""
    texts = []
    for path in sorted(reports.iterdir()):
        texts.append(path.read_text(errors="replace"))
        path.unlink()
    return "\n".join(line for text in texts if "Sanitizer" in text or "runtime error" in text
                     for line in text.splitlines() if not line.startswith("==") or "ERROR" in line)
