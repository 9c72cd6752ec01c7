# make          builds dynrun and libdyn.a into build/
# make demo     installs what is missing, builds, and runs an example
# make test     installs what is missing, builds, and runs every test (ONLY=word: those with it)
# make check    floors, headers that compile alone, sizes, format
# make fuzz     feeds it mutated models for a minute (FOR=seconds SEED=n; best with SAN=1)
# make bench    measures dynrun against hand-written C, then does make methods (ROW=name: one row only)
# make methods  measures what accuracy costs with each integrator: table and figure of docs/methods.md
# make gallery  draws the pictures of the examples and the documentation, and the examples' index
# make papers   runs the models of examples/papers and writes their pages (PAPER=name: one of them)
# make verify   runs the examples and verifies their results, with a table (ONLY=word: some of them)
# make mutations  breaks the models of papers in many ways; a claim of each must notice (ONLY=word)
# make install  copies dynrun, the libraries, examples and completions below PREFIX; make uninstall
# make docs     writes the reference and the manual page from the tables
# make format   lays out the sources with clang-format;  make bless  accepts new test outputs
# SAN=1 builds into build-san/ with the address and undefined-behaviour sanitizers, V=1 shows the
# commands in full, CC=clang works.

CC = gcc
CFLAGS = $(if $(SAN),-O1,-O2) -g
PREFIX = /usr/local
DESTDIR =
B = $(if $(SAN),build-san,build)

# Nothing below needs a change to build on another system.

Q = $(if $(V),,@)
MAKEFLAGS += --no-print-directory
ifeq ($(MAKELEVEL)$(findstring -j,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
.DELETE_ON_ERROR:
.SECONDARY:

LIBS = gsl lapacke hdf5-serial openblas sleef zlib
LIB_INC := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(LIBS) 2>/dev/null))
# Archives where there are any: as shared libraries, these load forty others before dynrun starts.
archive = $(filter /%,$(shell $(CC) -print-file-name=lib$1.a))
HDF5_A := $(call archive,hdf5_serial)
HDF5 := $(if $(HDF5_A),$(HDF5_A) -lsz -ldl,$(shell pkg-config --libs hdf5-serial 2>/dev/null))
# OpenBLAS is the one BLAS: GSL's own is left out.
LDLIBS := $(or $(call archive,gsl),-lgsl) $(or $(call archive,lapacke),-llapacke) $(HDF5) \
          $(shell pkg-config --libs openblas sleef zlib 2>/dev/null) -lpthread -ldl -lm
# The shared library, and programs with the archive, take them as shared libraries.
SHARED_LIBS = -lgsl -llapacke $(shell pkg-config --libs hdf5-serial openblas sleef zlib 2>/dev/null) -lpthread -ldl -lm
# The digest of a build, by which results in the cache are known as its own (src/run/identity.c).
BUILD_ID = -Wl,--build-id=sha1
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
ifneq ($(SAN),)
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
# Only what dyn.h declares is seen from outside of the library.
BASE = -std=c11 -D_GNU_SOURCE $(CFLAGS) -fPIC -fvisibility=hidden -ffp-contract=off $(SANFLAGS) -Isrc -Iinclude -I$(B)/gen $(LIB_INC) -MMD -MP
COMPILE = $(CC) $(BASE) $(WARN)

# Kernels are compiled once for each instruction set; the program picks one when it starts.
ISAS = plain $(if $(filter x86_64,$(shell uname -m)),avx2 avx512)
ISA_plain =
ISA_avx2 = -mavx2 -mfma
ISA_avx512 = -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma -mprefer-vector-width=512
ISA_FLAGS = $(if $(SAN),-O1,-O3) -fno-math-errno -fno-trapping-math -Wno-pass-failed

SRC := $(filter-out src/cli/% src/mpi/% src/run/isa_%,$(wildcard src/*/*.c))
ISA_SRC := $(wildcard src/run/isa_*.c)
CLI := $(wildcard src/cli/*.c)
STDLIB := $(sort $(wildcard stdlib/*.dyn))
EXAMPLES := $(sort $(wildcard examples/*.dyn))
TEMPLATES := $(sort $(wildcard templates/*.dyn))
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c))
OBJ := $(SRC:src/%.c=$(B)/obj/%.o) $(foreach i,$(ISAS),$(ISA_SRC:src/%.c=$(B)/obj/%.$i.o)) \
       $(B)/gen/dyn.tab.o $(B)/gen/dyn.lex.o $(B)/gen/stdlib.o

# Sweeps over the ranks of an MPI launcher: where an MPI is found.
MPICC := $(shell command -v mpicc 2>/dev/null)
MPI := $(if $(MPICC),$(B)/libdyn-mpi.so)

all: $(B)/dynrun $(MPI)

VERSION := $(shell sed -n 's/^.define DYN_VERSION "\(.*\)"/\1/p' include/dyn.h)
# Changes with every version whose interface is another one.
SOVERSION = 0

$(B)/dynrun: $(CLI:src/%.c=$(B)/obj/%.o) $(B)/gen/examples.o $(B)/gen/templates.o $(B)/libdyn.a
	@echo "  ld $@"
	$Q$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) $(BUILD_ID) -o $@ $^ $(LDLIBS)

$(B)/libdyn.a: $(OBJ)
	@rm -f $@
	$Q$(AR) rcs $@ $^

$(B)/libdyn-mpi.so: $(wildcard src/mpi/*.c) src/base/ranks.h $(B)/flags
	@echo "  mpicc $@"
	$QOMPI_CC="$(CC)" MPICH_CC="$(CC)" $(MPICC) $(BASE) $(WARN) -shared $(LDFLAGS) -MF $(B)/obj/mpi.d -o $@ $(filter %.c,$^)

# What is installed. In the archive, one object, all names but those of dyn.h are local.
$(B)/lib/libdyn.a: $(B)/libdyn.a
	@mkdir -p $(@D)
	$Q$(LD) -r --whole-archive -o $(B)/lib/dyn.o $<
	$Qobjcopy --localize-hidden $(B)/lib/dyn.o
	@rm -f $@
	$Q$(AR) rcs $@ $(B)/lib/dyn.o

$(B)/lib/libdyn.so.$(VERSION): $(OBJ)
	@mkdir -p $(@D)
	@echo "  ld $@"
	$Q$(CC) -shared $(CFLAGS) $(SANFLAGS) $(LDFLAGS) $(BUILD_ID) -Wl,-soname,libdyn.so.$(SOVERSION) -o $@ $^ $(SHARED_LIBS)

lib: $(B)/lib/libdyn.a $(B)/lib/libdyn.so.$(VERSION)

# Holds the flags: what was compiled with others is compiled anew.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst $(B),,$(COMPILE))' | cmp -s - $@ || echo '$(subst $(B),,$(COMPILE))' > $@
FORCE:

$(B)/obj/%.o: src/%.c $(B)/flags | $(B)/gen/dyn.tab.h
	@mkdir -p $(@D)
	@echo "  cc $<"
	$Q$(COMPILE) $(EXTRA) -c -o $@ $<

# Common jump tails would be merged again, which costs the scalar executor half its speed.
$(B)/obj/run/isa_scalar.%.o: EXTRA = $(if $(findstring clang,$(CC)),,-fno-gcse -fno-crossjumping)

# Loops over vectors of unknown length are vectorised at this level only.
$(B)/obj/num/flat.o: EXTRA = -O3

define isa_rule
$(B)/obj/run/%.$1.o: src/run/%.c $(B)/flags
	@mkdir -p $$(@D)
	@echo "  cc $$< ($1)"
	$$Q$$(COMPILE) $$(ISA_FLAGS) $$(ISA_$1) $$(EXTRA) -DISA=$1 -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call isa_rule,$i)))

$(B)/gen/dyn.tab.c $(B)/gen/dyn.tab.h &: grammar/dyn.y
	@mkdir -p $(@D)
	bison -Wall -Wcounterexamples -Werror --header=$(B)/gen/dyn.tab.h -o $(B)/gen/dyn.tab.c $<

$(B)/gen/dyn.lex.c: grammar/dyn.l
	@mkdir -p $(@D)
	flex -o $@ $<

$(B)/gen/stdlib.c: stdlib/embed.sh $(STDLIB) $(wildcard stdlib)
	@mkdir -p $(@D)
	sh stdlib/embed.sh lang/stdlib.h StdlibFile stdlib_files $(STDLIB) > $@

$(B)/gen/examples.c: stdlib/embed.sh $(EXAMPLES) $(wildcard examples)
	@mkdir -p $(@D)
	sh stdlib/embed.sh cli/embedded.h EmbeddedFile embedded_examples $(EXAMPLES) > $@

$(B)/gen/templates.c: stdlib/embed.sh $(TEMPLATES) $(wildcard templates)
	@mkdir -p $(@D)
	sh stdlib/embed.sh cli/embedded.h EmbeddedFile embedded_templates $(TEMPLATES) > $@

$(B)/gen/%.o: $(B)/gen/%.c $(B)/gen/dyn.tab.h $(B)/flags
	@echo "  cc $<"
	$Q$(CC) $(BASE) -w -c -o $@ $<

$(B)/tests/%: tests/unit/%.c $(B)/libdyn.a
	@mkdir -p $(@D)
	@echo "  cc $<"
	$Q$(COMPILE) -Itests/unit -o $@ $< $(B)/libdyn.a $(LDLIBS)

$(B)/tests/runner: $(wildcard tests/runner/*.c) $(B)/libdyn.a
	@mkdir -p $(@D)
	@echo "  cc $@"
	$Q$(COMPILE) -o $@ $(filter %.c,$^) $(B)/libdyn.a $(LDLIBS)

$(B)/tests/fuzz: $(wildcard tests/fuzz/*.c) tests/fuzz/mutate.h $(B)/libdyn.a
	@mkdir -p $(@D)
	@echo "  cc $@"
	$Q$(COMPILE) -Itests -o $@ $(filter %.c,$^) $(B)/libdyn.a $(LDLIBS)

demo:
	@sh setup.sh build
	@$(MAKE) all
	@sh examples/demo.sh $(B)/dynrun

test:
	@sh setup.sh test
	@$(MAKE) run-tests

run-tests: all $(UNIT) $(B)/tests/runner
	@$(B)/tests/runner $(if $(ONLY),--only $(ONLY)) $(B)/dynrun $(UNIT)

fuzz: $(B)/tests/fuzz
	@$< $(or $(FOR),60) $(or $(SEED),1) $(wildcard examples/*.dyn stdlib/*.dyn tests/*/*.dyn tests/cases/*.test)

bless: all $(B)/tests/runner
	@$(B)/tests/runner --bless $(if $(ONLY),--only $(ONLY)) $(B)/dynrun

gallery: all
	@sh examples/gallery.sh $(B)/dynrun

papers: all
	@sh examples/papers/pages.sh $(B)/dynrun $(PAPER)

verify: all
	@sh examples/verify.sh $(B)/dynrun $(ONLY)

mutations: all
	@sh tests/papers/mutate.sh $(B)/dynrun $(or $(ONLY),.)

check:
	@sh setup.sh check
	@sh tests/check.sh "$(CC) $(BASE) $(WARN)"

# The C that dynrun is measured against is compiled for this very machine.
BENCH = $(wildcard bench/base*.c) src/num/butcher.c
SUNDIALS = $(if $(wildcard /usr/include/cvode/cvode.h),-lsundials_cvode -lsundials_nvecserial -lsundials_sunmatrixdense)
$(B)/bench/base: $(BENCH) $(wildcard bench/*.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -I. -Isrc -Ofast -march=native -mprefer-vector-width=512 -o $@ $(BENCH) \
	  $(SUNDIALS) $(shell pkg-config --libs openblas) -lm

$(B)/bench/bench $(B)/bench/methods: $(B)/bench/%: bench/%.c bench/child.c bench/child.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE -I. -O2 -o $@ $(filter %.c,$^) -lm

bench: all $(B)/bench/base $(B)/bench/bench
	@DYN_CACHE=off $(B)/bench/bench $(B)/bench/base $(B)/dynrun bench/models $(or $(ROUNDS),5) $(ROW)
	$(if $(ROW),,@$(MAKE) methods)

# The last part of the above: a table for docs/methods.md, and its figure of error against time.
methods: all $(B)/bench/methods
	@DYN_CACHE=off $(B)/bench/methods $(B)/dynrun bench/methods $(B)/bench/methods.csv
	@cp bench/work_precision.dyn $(B)/bench
	@$(B)/dynrun -q $(B)/bench/work_precision.dyn
	@cp $(B)/bench/work_precision.run/figures/figure-1.svg docs/pictures/work-precision.svg

TO = $(DESTDIR)$(PREFIX)
install: all lib
	install -d $(TO)/bin $(TO)/lib/pkgconfig $(TO)/include $(TO)/share/man/man1 $(TO)/share/dyn/stdlib $(TO)/share/dyn/examples
	install -d $(TO)/share/bash-completion/completions $(TO)/share/zsh/site-functions $(TO)/share/fish/vendor_completions.d
	install -m 755 $(B)/dynrun $(TO)/bin/dynrun
	install -m 644 $(B)/lib/libdyn.a $(TO)/lib/libdyn.a
	install -m 755 $(B)/lib/libdyn.so.$(VERSION) $(TO)/lib/libdyn.so.$(VERSION)
	$(if $(MPI),install -d $(TO)/lib/dyn && install -m 755 $(MPI) $(TO)/lib/dyn/libdyn-mpi.so)
	ln -sf libdyn.so.$(VERSION) $(TO)/lib/libdyn.so.$(SOVERSION)
	ln -sf libdyn.so.$(SOVERSION) $(TO)/lib/libdyn.so
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@LIBS@|$(SHARED_LIBS)|' include/dyn.pc.in > $(TO)/lib/pkgconfig/dyn.pc
	install -m 644 include/dyn.h $(TO)/include/dyn.h
	install -m 644 docs/dynrun.1 $(TO)/share/man/man1/dynrun.1
	install -m 644 $(STDLIB) $(TO)/share/dyn/stdlib
	install -m 644 $(EXAMPLES) $(TO)/share/dyn/examples
	$(B)/dynrun completion bash > $(TO)/share/bash-completion/completions/dynrun
	$(B)/dynrun completion zsh > $(TO)/share/zsh/site-functions/_dynrun
	$(B)/dynrun completion fish > $(TO)/share/fish/vendor_completions.d/dynrun.fish

uninstall:
	rm -f $(TO)/bin/dynrun $(TO)/lib/libdyn.a $(TO)/lib/libdyn.so* $(TO)/lib/pkgconfig/dyn.pc $(TO)/include/dyn.h
	rm -f $(TO)/share/man/man1/dynrun.1 $(TO)/share/bash-completion/completions/dynrun
	rm -f $(TO)/share/zsh/site-functions/_dynrun $(TO)/share/fish/vendor_completions.d/dynrun.fish
	rm -rf $(TO)/share/dyn $(TO)/lib/dyn

docs: all
	@mkdir -p docs/reference
	for page in $$($(B)/dynrun reference | grep -v man); do $(B)/dynrun reference $$page > docs/reference/$$page.md; done
	$(B)/dynrun reference man > docs/dynrun.1

format:
	clang-format -i $(wildcard src/*/*.[ch] include/*.h tests/*/*.[ch] bench/*.[ch])

clean:
	rm -rf build build-san

.PHONY: FORCE all lib demo test run-tests fuzz bless gallery papers verify mutations docs check bench methods install uninstall format clean
-include $(wildcard $(B)/obj/*/*.d $(B)/gen/*.d $(B)/tests/*.d)
