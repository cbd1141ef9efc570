# SPDX-License-Identifier: BSD-2-Clause
#
# The targets that people type. Those that need packages install them first and then run
# make once more on the target that does the work, so that nothing is built before its
# tools are there, under -j too.

.PHONY: all demo test bench fuzz lint format doc setup install clean help \
        demo-run test-run bench-run fuzz-run

gen-host: $(HOST_GEN)
gen-kernel: $(KERNEL_GEN)
gen-user: $(USER_GEN)

all: $(ALL) ## build everything but the tests (the default)

demo: ## install what is missing, build, run and record the demo (MCS=1: on MCS; HARTS=4), summarise
	@mk/setup.sh build demo
	@$(MAKE) demo-run
demo-run: $(DEMO_DEPS)
	$(Q)$(or $(DEMO_CMD),echo "make demo: no module defines DEMO_CMD" >&2; exit 1)

test: ## install what is missing, build and run every test (TESTS=pattern restricts)
	@mk/setup.sh build demo test
	@$(MAKE) test-run
test-run: $(ALL) $(UNIT_TESTS) $(TEST_DEPS)
	@U4_BUILD=$(call squote,$(abspath $(B))) U4_ROOT=$(call squote,$(CURDIR)) V=$(V) \
	  mk/run-tests.sh $(call squote,$(TESTS)) $(sort $(UNIT_TESTS)) $(TAP_TESTS)

bench: ## measure instruction-exact costs against their budgets
	@mk/setup.sh build demo
	@$(MAKE) bench-run
bench-run: $(BENCH_DEPS)
	$(Q)$(or $(BENCH_CMD),echo "make bench: no module defines BENCH_CMD" >&2; exit 1)

FUZZ_SECONDS ?= 60
fuzz: ## run each fuzzer for FUZZ_SECONDS (60)
	@mk/setup.sh build test
	@$(MAKE) fuzz-run
fuzz-run: $(FUZZ_PROGS)
	@mk/run-fuzz.sh $(call squote,$(B)/fuzz) $(FUZZ_SECONDS) $(FUZZ_PROGS)

lint: gen-host gen-kernel gen-user ## check format, cppcheck, licence lines, paths, shell syntax (IN=directories)
	@mk/setup.sh lint
	@mk/lint.sh $(call squote,$(B)) $(IN)

format: ## let clang-format rewrite the C files (IN=directories)
	@git ls-files -co --exclude-standard -- $(or $(foreach d,$(IN),'$(d:/=)/*.c' '$(d:/=)/*.h'),'*.c' '*.h') | xargs -r -d '\n' clang-format -i

doc: $(DOCS) ## generate the reference pages

setup: ## install the Debian packages (and test tools) that are missing
	@mk/setup.sh all

PREFIX ?= /usr/local
install: $(HOST_PROGS) $(GDB_CONSTANTS) ## install the tools, man pages and GDB scripts (PREFIX, DESTDIR)
	@DESTDIR=$(call squote,$(DESTDIR)) PREFIX=$(call squote,$(PREFIX)) \
	  EVENTS=$(call squote,$(GDB_CONSTANTS)) mk/install.sh $(HOST_PROGS)

clean: ## remove the build directory
	rm -rf $(B)

help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1\t\2/p' mk/targets.mk $(wildcard */module.mk) | expand -t 12
	@echo 'Variables: V=1 shows commands, B=dir builds there, TESTS=pattern, PREFIX, DESTDIR'

ifneq ($(filter-out help clean setup lint format demo test bench fuzz,$(or $(MAKECMDGOALS),all)),)
-include $(wildcard $(patsubst %.o,%.d,$(OBJS:.ld=.ld.o)))
endif
