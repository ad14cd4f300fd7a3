# SPDX-License-Identifier: Apache-2.0
"""DSPy programs behind the built-in commands (see :mod:`serpentry.programs.commands`).

Everything here needs the standard library only until a command is used that builds or runs a program. A pool
that wants DSPy in memory before its workers are forked preloads ``serpentry.programs.runtime``.
"""
