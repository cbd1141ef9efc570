# SPDX-License-Identifier: GPL-2.0-only
#
# The boards and devices that u4 uses, and nothing else (configure --without-default-devices).
CONFIG_RISCV_VIRT=y
CONFIG_SPIKE=y
CONFIG_SEMIHOSTING=y
CONFIG_ARM_COMPATIBLE_SEMIHOSTING=y
CONFIG_VIRTIO_BLK=y
CONFIG_VIRTIO_NET=y
CONFIG_VIRTIO_RNG=y
CONFIG_VIRTIO_SERIAL=y
