"""Logs of native libraries stay off the standard error of somebody else's program."""

import subprocess
import sys

PROGRAM = """
import os, sys
from posecfg.runtimes.native_logs import kept_off
print("before", file=sys.stderr)
with kept_off() as stream:
    os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\n")
    os.write(2, b"W0000 00:00:1796057468.928143 1 some.cc:114] Feedback manager\\n")
    print("a warning of Python", file=sys.stderr)
    print("a bar", file=stream)
    os.write(2, b"terminate called\\n")
print("after", file=sys.stderr)
os.write(2, b"INFO: of somebody else\\n")
"""


def test_only_native_lines_are_left_out():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == [
        *("before", "a warning of Python", "a bar", "terminate called", "after", "INFO: of somebody else"),
    ]


OVERLAPPING = """
import os, sys, threading
from posecfg.runtimes.native_logs import kept_off

def block(begin, end):
    with kept_off() as stream:
        begin.wait()
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\n")
        with turn:
            print("a bar", file=stream)
        shown.wait()
        end.wait()

turn = threading.Lock()
begin, shown, ends = threading.Barrier(3), threading.Barrier(3), [threading.Event(), threading.Event()]
threads = [threading.Thread(target=block, args=(begin, end)) for end in ends]
for thread in threads:
    thread.start()
begin.wait()
shown.wait()
for thread, end in zip(threads, ends):  # the first that came leaves first
    end.set()
    thread.join()
    print("left", file=sys.stderr)
os.write(2, b"of the program\\n")
with kept_off():
    print("again", file=sys.stderr)
"""


def test_threads_that_overlap_leave_the_standard_error_where_it_was():
    done = subprocess.run([sys.executable, "-c", OVERLAPPING], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["a bar", "a bar", "left", "left", "of the program", "again"]


KEPT = """
import os, sys
from posecfg.runtimes.native_logs import kept_aside
with open(sys.argv[1], "wb") as file, kept_aside() as lead:
    os.write(2, b"first\\n")
    print("of Python", file=sys.stderr)
    lead(file.fileno())
    os.write(2, b"second\\n")
print("after", file=sys.stderr)
os.write(2, b"of the program\\n")
with kept_aside():
    os.write(2, b"dropped\\n")
"""


def test_all_that_a_library_says_can_be_kept_in_a_file(tmp_path):
    words = [sys.executable, "-c", KEPT, str(tmp_path / "log")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["of Python", "after", "of the program"]
    assert (tmp_path / "log").read_text() == "first\nsecond\n"
