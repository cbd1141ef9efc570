# SPDX-License-Identifier: BSD-2-Clause
#
# Tools and flags of the three worlds: host (the tools), kernel (freestanding RV64) and
# user (RV64 with picolibc). Everything here can be overridden on make's command line.

HOSTCC    ?= gcc
FUZZCC    ?= clang
HOSTAR    ?= ar
CROSS     ?= riscv64-unknown-elf-
RVCC      := $(CROSS)gcc
RVAR      := $(CROSS)ar
RVOBJCOPY := $(CROSS)objcopy
WERROR    ?= -Werror

# Short lines by default, commands with V=1. $(call say,CC,file) prints one.
ifeq ($(V),1)
  Q   :=
  say :=
else
  Q   := @
  say  = $(info $()  $(subst .,$() $(),$(firstword $(say-tag-$1) $1....))$2)
endif
say-tag-CC   := CC......
say-tag-AS   := AS......
say-tag-AR   := AR......
say-tag-LD   := LD......
say-tag-GEN  := GEN.....
say-tag-CPP  := CPP.....

# Paths in debug information and messages are relative to the repository.
WARN          := -Wall -Wextra $(WERROR) -Wstrict-prototypes -Wmissing-prototypes -Wvla \
                 -Wpointer-arith -Wwrite-strings -Wundef
COMMON_CFLAGS := -std=c11 -O2 -g -ffile-prefix-map=$(CURDIR)=. $(WARN) -I. -Iabi -I$(B)/gen

# Host. Sanitized and fuzzed objects are built apart, from the same sources and flags.
HOST_CFLAGS   := $(COMMON_CFLAGS) -D_GNU_SOURCE -Wshadow
SAN_CFLAGS    := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS   := $(SAN_CFLAGS) -fsanitize=fuzzer-no-link

# Kernel. No floating point, no small-data section: gp is never used, relaxation stays on.
KERNEL_ARCH   := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany
KERNEL_FPU    := -march=rv64imafdc_zicsr_zifencei
KERNEL_CFLAGS := $(KERNEL_ARCH) -ffreestanding -fno-common -fno-stack-protector -fno-pic \
                 -fno-strict-aliasing -fno-store-merging -fno-tree-slp-vectorize -fno-asynchronous-unwind-tables -msmall-data-limit=0 \
                 $(COMMON_CFLAGS)
KERNEL_LDFLAGS := $(KERNEL_ARCH) -nostdlib -static -Wl,--build-id=sha1 \
                 -Wl,--no-warn-rwx-segments -Wl,-z,max-page-size=4096
# libgcc for what the base ISA has no instruction for (clz, ctz, popcount).
KERNEL_LIBGCC := $(shell $(RVCC) -march=rv64imac -mabi=lp64 -print-libgcc-file-name 2>/dev/null)

# User. This arch and ABI is the toolchain's default multilib, for libgcc and picolibc both.
USER_ARCH     := -march=rv64imafdc_zicsr_zifencei -mabi=lp64d -mcmodel=medany
USER_CFLAGS   := $(USER_ARCH) --specs=picolibc.specs -fno-common -fno-stack-protector -fno-pic \
                 -ffunction-sections -fdata-sections -D_GNU_SOURCE -Iruntime/include $(COMMON_CFLAGS)
USER_LDFLAGS  := $(USER_ARCH) --specs=picolibc.specs -nostartfiles -static \
                 -T runtime/user.ld -Wl,--build-id=sha1 -Wl,--no-warn-rwx-segments \
                 -Wl,-z,max-page-size=4096
