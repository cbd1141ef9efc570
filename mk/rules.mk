# SPDX-License-Identifier: BSD-2-Clause
#
# The functions that a module.mk calls. Paths are relative to the repository's root. Flags
# that contain a comma are passed in a variable (call splits its arguments at commas, but
# does not look into variables). LIBS and EMBED are names, not paths; order of definition
# does not matter.
#
#   $(eval $(call host-lib,NAME,SRCS,CFLAGS))                    -> $(B)/host/libNAME.a
#       $(eval $(call host-lib,u4trace,$(wildcard tracer/lib/*.c),-Itracer/include))
#   $(eval $(call host-prog,NAME,SRCS,LIBS,CFLAGS,LDLIBS))       -> $(B)/host/bin/NAME
#       $(eval $(call host-prog,u4,$(wildcard tracer/cmd/*.c),u4trace,-Itracer/include,-lelf))
#     LIBS are given to the linker as one group, so their order is free.
#   $(eval $(call host-test,NAME,SRCS,LIBS,CFLAGS,LDLIBS))       -> $(B)/tests/unit/NAME
#       $(eval $(call host-test,ring,tests/unit/ring.c,u4trace,-Itracer/include))
#     A cmocka program, with ASan and UBSan in it and in its LIBS; `make test` runs it. One
#     cmocka_run_group_tests per program (each prints a TAP plan), and no skip(): cmocka 1.1.5
#     prints it as a failure.
#   $(eval $(call host-fuzz,NAME,SRCS,LIBS,CFLAGS,LDLIBS))       -> $(B)/tests/fuzz/NAME
#       $(eval $(call host-fuzz,u4t,tests/fuzz/u4t.c,u4trace,-Itracer/include))
#     A libFuzzer program (clang); `make fuzz` runs it, seeded from tests/fuzz/corpus/NAME/.
#   $(eval $(call kernel-flavour,NAME,DEFINES,VARIANT)) -> $(B)/kernel/NAME/kernel.elf
#       $(eval $(call kernel-flavour,mcs-release,-DU4_MCS=1 -DU4_TRACE=1,mcs))
#     From all *.c and *.S under kernel/ but kernel/loader/ and the other variant: VARIANT is
#     classic (the default) or mcs, a directory of kernel/. DEFINES also reach kernel/kernel.ld,
#     which the C preprocessor reads first.
#   $(eval $(call user-lib,NAME,SRCS,CFLAGS))                    -> $(B)/user/libNAME.a
#       $(eval $(call user-lib,sel4,$(wildcard runtime/sel4/*.c)))
#   $(eval $(call user-prog,NAME,SRCS,LIBS,CFLAGS,EMBED))        -> $(B)/user/NAME.elf
#       $(eval $(call user-prog,root,services/root/main.c,sel4,-Iservices,server client))
#     EMBED: other user programs whose ELF files are packed in read-only, page-aligned,
#     between the symbols _embed_NAME_start and _embed_NAME_end (- and . of NAME
#     become _). NAME=PROGRAM packs in PROGRAM under the symbols of NAME.
#   $(eval $(call boot-image,NAME,FLAVOUR,ROOTPROG))             -> $(B)/images/NAME.elf
#       $(eval $(call boot-image,demo,trace,root))
#     The loader with kernel and root program packed in, between _kernel_elf_start/_end and
#     _root_elf_start/_end. Packed ELF files keep their symbols and lose debug information.
#
# What a module.mk may set besides:
#   CFLAGS_<source path> := flags of one file more, set before the function that uses it:
#       CFLAGS_kernel/arch/riscv/fpu.S := $(KERNEL_FPU)
#   KERNEL_GEN, USER_GEN, HOST_GEN += generated headers (best under $(B)/gen/, which is in
#       everyone's include path) that must exist before that world's first object.
#   ALL += files that plain `make` builds; the functions append their own.
#   UNIT_TESTS, TAP_TESTS += programs that print TAP: built ones, scripts in the tree.
#   TEST_DEPS += what TAP_TESTS need built.   DOCS += what `make doc` generates.
#   DEMO_DEPS, DEMO_CMD; BENCH_DEPS, BENCH_CMD: what `make demo` and `make bench` need, run.
# For recipes: $(Q) hides a command unless V=1, $(call say,GEN,text) prints the short line.

.PHONY: FORCE gen-host gen-kernel gen-user
FORCE:

ALL :=
OBJS :=
UNIT_TESTS :=
FUZZ_PROGS :=

squote  = '$(subst ','\'',$1)'
differs = $(subst x$1x,,x$2x)$(subst x$2x,,x$1x)
c-name  = $(subst -,_,$(subst .,_,$1))

# $(call obj,GROUP,SRCS): the object files of SRCS in GROUP.
obj = $(foreach s,$2,$(B)/obj/$1/$(patsubst $(B)/%,%,$s).o)

# $(call stamp,FILE,TEXT): FILE changes when, and only when, TEXT does. (Without a newline at
# its end: GNU make 4.3 removes one on reading only sometimes.)
define stamp
STAMP_$1 := $2
$1: $$(if $$(call differs,$$(file <$1),$$(STAMP_$1)),FORCE)
	@mkdir -p $$(@D)
	@printf %s $$(call squote,$$(STAMP_$1)) >$$@
endef

# $(call objects,GROUP,SRCS,COMMAND,WORLD): compile SRCS by COMMAND; a change of COMMAND
# compiles them again.
define objects
COMPILE_$1 := $(strip $3)
$(call stamp,$(B)/obj/$1/.flags,$(strip $3 $(foreach s,$2,$(CFLAGS_$s))))
OBJS += $(call obj,$1,$2)
$(foreach s,$2,$(call one-object,$1,$s,$4))
endef
define one-object

$(call obj,$1,$2): $2 $(B)/obj/$1/.flags | gen-$3
	$$(call say,$(if $(filter %.S,$2),AS,CC),$2)
	@mkdir -p $$(@D)
	$$(Q)$$(COMPILE_$1) $$(CFLAGS_$2) -MMD -MP -c $$< -o $$@

endef

# $(call archive,FILE,GROUP,SRCS,AR)
define archive
$(call stamp,$(B)/obj/$2/.link,$(call obj,$2,$3))
$1: $(call obj,$2,$3) $(B)/obj/$2/.link
	$$(call say,AR,$$@)
	@mkdir -p $$(@D) && rm -f $$@
	$$(Q)$4 rcs $$@ $(call obj,$2,$3)
endef

# $(call program,FILE,GROUP,SRCS,LIBFILES,LINKER,LDLIBS,MORE OBJECTS,MORE PREREQUISITES)
define program
LINK_$2 := $(strip $5 $(call obj,$2,$3) $7 -Wl,--start-group $4 $6 -Wl,--end-group)
$(call stamp,$(B)/obj/$2/.link,$$(LINK_$2))
$1: $(call obj,$2,$3) $7 $4 $8 $(B)/obj/$2/.link
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(LINK_$2) -o $$@
endef

# ---- host ----

define host-lib
$(call objects,host/lib$1,$2,$(HOSTCC) $(HOST_CFLAGS) $3,host)
$(call archive,$(B)/host/lib$1.a,host/lib$1,$2,$(HOSTAR))
$(call objects,host-san/lib$1,$2,$(HOSTCC) $(HOST_CFLAGS) $3 $(SAN_CFLAGS),host)
$(call archive,$(B)/host-san/lib$1.a,host-san/lib$1,$2,$(HOSTAR))
$(call objects,host-fuzz/lib$1,$2,$(FUZZCC) $(HOST_CFLAGS) $3 $(FUZZ_CFLAGS),host)
$(call archive,$(B)/host-fuzz/lib$1.a,host-fuzz/lib$1,$2,$(HOSTAR))
ALL += $(B)/host/lib$1.a
endef

define host-prog
$(call objects,host/$1,$2,$(HOSTCC) $(HOST_CFLAGS) $4,host)
$(call program,$(B)/host/bin/$1,host/$1,$2,$(patsubst %,$(B)/host/lib%.a,$3),$(HOSTCC),$5)
ALL += $(B)/host/bin/$1
HOST_PROGS += $(B)/host/bin/$1
endef

define host-test
$(call objects,unit/$1,$2,$(HOSTCC) $(HOST_CFLAGS) $4 $(SAN_CFLAGS),host)
$(call program,$(B)/tests/unit/$1,unit/$1,$2,$(patsubst %,$(B)/host-san/lib%.a,$3),$(HOSTCC) $(SAN_CFLAGS),$5 -lcmocka)
UNIT_TESTS += $(B)/tests/unit/$1
endef

define host-fuzz
$(call objects,fuzz/$1,$2,$(FUZZCC) $(HOST_CFLAGS) $4 $(FUZZ_CFLAGS),host)
$(call program,$(B)/tests/fuzz/$1,fuzz/$1,$2,$(patsubst %,$(B)/host-fuzz/lib%.a,$3),$(FUZZCC) $(SAN_CFLAGS) -fsanitize=fuzzer,$5)
FUZZ_PROGS += $(B)/tests/fuzz/$1
endef

# ---- kernel and loader ----

# What every kernel is made of, and what only the classic and only the MCS kernel is.
kernel-find = $(sort $(shell find $1 -type f -name '*.[cS]' 2>/dev/null))
KERNEL_SRCS := $(call kernel-find,$(filter-out kernel/loader kernel/classic kernel/mcs,\
                                    $(patsubst %/,%,$(wildcard kernel/*/))))
kernel-srcs = $(KERNEL_SRCS) $(call kernel-find,kernel/$1)
LOADER_SRCS := $(sort $(wildcard kernel/loader/*.c kernel/loader/*.S))

# $(call linker-script,OUT,IN,FLAGS)
define linker-script
OBJS += $1
$(call stamp,$1.flags,$3)
$1: $2 $1.flags | gen-kernel
	$$(call say,CPP,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(RVCC) -E -P -x assembler-with-cpp -D__LINKER_SCRIPT__ $3 -MMD -MP -MF $1.d -MT $1 $$< -o $$@
endef

define kernel-flavour
$(call kernel-variant,$1,$2,$(or $3,classic),$(call kernel-srcs,$(or $3,classic)))
endef
define kernel-variant
$(call objects,kernel/$1,$4,$(RVCC) $(KERNEL_CFLAGS) -Ikernel/$3 $2,kernel)
$(call linker-script,$(B)/kernel/$1/kernel.ld,kernel/kernel.ld,$(KERNEL_CFLAGS) -Ikernel/$3 $2)
$(call program,$(B)/kernel/$1/kernel.elf,kernel/$1,$4,,$(RVCC) $(KERNEL_LDFLAGS) -T $(B)/kernel/$1/kernel.ld,$(KERNEL_LIBGCC),,$(B)/kernel/$1/kernel.ld)
$(call packed,$(B)/kernel/$1/kernel)
ALL += $(B)/kernel/$1/kernel.elf
endef

# $(call packed,STEM): STEM.packed.elf is STEM.elf as it goes into an image.
define packed
$1.packed.elf: $1.elf
	$$(Q)$(RVOBJCOPY) --strip-debug $$< $$@
endef

# $(call blob,OUT.S,PAIRS): each of PAIRS is SYMBOL=FILE; the text of an assembler file that
# holds each FILE between _SYMBOL_start and _SYMBOL_end.
blob-text = .section .rodata.blob, "a"\n$(foreach p,$1,$(call blob-one,$(word 1,$(subst =, ,$p)),$(word 2,$(subst =, ,$p))))
blob-one  = .balign 4096\n.global _$1_start, _$1_end\n_$1_start:\n.incbin "$2"\n_$1_end:\n.byte 0\n
define blob
$(call stamp,$1.flags,$2)
$1: $(foreach p,$2,$(word 2,$(subst =, ,$p))) $1.flags
	$$(call say,PACK,$$@)
	@mkdir -p $$(@D)
	$$(Q)printf '%b' '$(call blob-text,$2)' >$$@
endef

LOADER_READY :=
define loader
ifeq ($(LOADER_READY),)
LOADER_READY := 1
$(call objects,loader,$(LOADER_SRCS),$(RVCC) $(KERNEL_CFLAGS) -Ikernel/loader,kernel)
$(call linker-script,$(B)/obj/loader/loader.ld,kernel/loader/loader.ld,$(KERNEL_CFLAGS))
endif
endef

define boot-image
$(call loader)
$(call blob,$(B)/images/obj/$1/blob.S,kernel_elf=$(B)/kernel/$2/kernel.packed.elf root_elf=$(B)/user/$3.packed.elf)
$(call objects,image/$1,$(B)/images/obj/$1/blob.S,$(RVCC) $(KERNEL_CFLAGS),kernel)
$(call program,$(B)/images/$1.elf,image/$1,$(B)/images/obj/$1/blob.S,,$(RVCC) $(KERNEL_LDFLAGS) -T $(B)/obj/loader/loader.ld,$(KERNEL_LIBGCC),$(call obj,loader,$(LOADER_SRCS)),$(B)/obj/loader/loader.ld)
ALL += $(B)/images/$1.elf
endef

# ---- user ----

define user-lib
$(call objects,user/lib$1,$2,$(RVCC) $(USER_CFLAGS) $3,user)
$(call archive,$(B)/user/lib$1.a,user/lib$1,$2,$(RVAR))
ALL += $(B)/user/lib$1.a
endef

user-srcs = $1 $(if $3,$(B)/user/obj/$2/blob.S)
define user-prog
$(if $5,$(call blob,$(B)/user/obj/$1/blob.S,$(foreach e,$5,embed_$(call c-name,$(firstword $(subst =, ,$e)))=$(B)/user/$(lastword $(subst =, ,$e)).packed.elf)))
$(call objects,user/$1,$(call user-srcs,$2,$1,$5),$(RVCC) $(USER_CFLAGS) $4,user)
$(call program,$(B)/user/$1.elf,user/$1,$(call user-srcs,$2,$1,$5),$(patsubst %,$(B)/user/lib%.a,$3),$(RVCC) $(USER_LDFLAGS),-lc -lm -lgcc,,runtime/user.ld)
$(call packed,$(B)/user/$1)
ALL += $(B)/user/$1.elf
endef
