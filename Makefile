# The front door of Menshen. `make help` lists the doors; the work is done by scripts/.
BRANCH ?= yes
export BRANCH

all: release console

help:
	@echo 'make            build into build/release, and the console into console/dist'
	@echo 'sudo make up    install what is missing, build, start a bank branch on this machine'
	@echo '                (make up BRANCH=no: the server and a gate alone, without root)'
	@echo 'sudo make down  stop it; nothing stays behind'
	@echo 'sudo make check the tests; the last line is N passed, N failed'
	@echo 'make check-all  the long ones too (every Nth fault, power cuts, long fuzzing)'
	@echo 'make lint       layout, static checks, layers, limits of functions and files'
	@echo 'make fuzz       every fuzz target for FUZZ_SECONDS (20)'
	@echo 'make bench      the figures: a table, and build/bench.json'
	@echo 'make clean      remove what was built (var/ stays)'

release: packages
	@scripts/build release

packages:
	@scripts/install-packages build

console: packages
	@scripts/console

up:
	@scripts/branch/may-start
	@scripts/install-packages build run $(if $(filter no,$(BRANCH)),,branch)
	@scripts/build release programs
	@scripts/console
	@BRANCH=$(BRANCH) scripts/branch/up

down:
	@scripts/branch/down

check:
	@tests/run

check-all:
	@MENSHEN_LONG=1 tests/run

lint:
	@scripts/lint

fuzz:
	@scripts/fuzz

bench: packages
	@scripts/build release
	@scripts/bench

docs: packages
	@scripts/build release
	build/release/docs/menshen-tables reasons >docs/reasons.md
	build/release/docs/menshen-tables events >docs/events.md

clean:
	rm -rf build console/dist

.PHONY: all docs help release packages console up down check check-all lint fuzz bench clean
