"""TAP for scenarios in Python: each check is a sentence; a failure does not end the others."""
import sys
import traceback

import sanitizer


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def check(self, sentence, passed, why=""):
        self.count += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {sentence}", flush=True)
        if not passed and why:
            for line in str(why).splitlines():
                print(f"# {line}", flush=True)
        return bool(passed)

    def skip(self, sentence, why):
        self.count += 1
        print(f"ok {self.count} - {sentence} # SKIP {why}", flush=True)

    def step(self, sentence, act):
        """Runs `act`; it passes unless it raises or returns False. What it returns is returned."""
        try:
            value = act()
        except Exception as error:  # a scenario goes on: each sentence stands for itself
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.check(sentence, False, f"{error}\n({where.filename}:{where.lineno})")
            return None
        self.check(sentence, value is not False)
        return value

    def done(self):
        said = sanitizer.said()
        self.check("no sanitizer spoke", not said, said)
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)
