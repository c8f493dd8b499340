from __future__ import annotations

import errno

import pytest

from posecfg.errors import ClipError, Unreadable, blame


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ENOMEM, errno.ETIMEDOUT, errno.EMFILE, errno.ENFILE])
def test_an_error_of_the_machine_is_not_blamed_on_the_input(number):
    assert blame(OSError(number, "")) is ClipError


@pytest.mark.parametrize("name", ["ENOMEDIUM", "EKEYEXPIRED", "EKEYREVOKED"])
def test_a_drive_that_is_out_and_a_key_that_ran_out_are_the_machines(name):
    if not hasattr(errno, name):
        pytest.skip(f"this system has no {name}")
    assert blame(OSError(getattr(errno, name), "")) is ClipError


@pytest.mark.parametrize("error", [OSError(errno.ENOENT, ""), OSError(errno.EACCES, ""), ValueError("no film")])
def test_other_errors_are_the_inputs_fault(error):
    assert blame(error) is Unreadable
