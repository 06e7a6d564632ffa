"""Let a web server answer nonsense, and see that all of it is an error or right bytes.

A process of its own: ``python answers.py 0 300`` takes the cases 0 to 299 over real
sockets. Each case is a line of output, and the same in each run; the first one that
goes wrong ends the process.
"""

import faulthandler
import hashlib
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from raw_server import RawServer
from written_files import make_quick_folder
from zips import make_zip

from glove_registry.download.http import (
    Client,
    Policy,
    open_archived_member,
    open_member,
    open_remote_file,
    read_archive,
    restarting,
)
from glove_registry.errors import GloveRegistryError

# Of one case, which takes milliseconds.
SECONDS = 20.0

POLICY = Policy(
    patience=4.0,
    connect_timeout=0.5,
    answer_timeout=0.5,
    read_timeout=0.5,
    sleep=lambda seconds: None,
)

TEXT = Random(3).randbytes(20_000).hex().encode()
NAME = "words.txt"


ARCHIVE = make_zip({"other.txt": TEXT[::-1], NAME: TEXT})


# -- answers ------------------------------------------------------------------------


@dataclass
class Answer:
    """What is sent, in the parts that can go wrong."""

    status: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes
    before: bytes = b""
    end: bytes = b"\r\n"
    extra: list[bytes] = field(default_factory=list)

    def write(self) -> bytes:
        """Put it together."""
        lines = [self.status, *(name + b": " + text for name, text in self.headers)]
        lines += self.extra
        head = b"".join(line + self.end for line in lines)
        return self.before + head + self.end + self.body

    def set(self, name: bytes, value: bytes) -> None:
        """Set a header to another value."""
        self.headers = [one for one in self.headers if one[0] != name]
        self.headers.append((name, value))


def answer_well(request: bytes, data: bytes) -> Answer:
    """Answer as RFC 9110 wants it."""
    total = len(data)
    first, end, status = 0, total, b"200 OK"
    headers = [(b"ETag", b'"v1"'), (b"Content-Type", b"application/octet-stream")]
    for line in request.split(b"\r\n"):
        if line.lower().startswith(b"range: bytes="):
            left, _, right = line[13:].partition(b"-")
            if left:
                first, end = int(left), int(right) + 1 if right else total
            else:
                first = max(total - int(right), 0)
            end = min(end, total)
            status = b"206 Partial Content"
            headers.append(
                (b"Content-Range", b"bytes %d-%d/%d" % (first, end - 1, total))
            )
    if first >= end:
        return Answer(
            b"HTTP/1.1 416 No", [(b"Content-Range", b"bytes */%d" % total)], b""
        )
    body = data[first:end]
    headers.append((b"Content-Length", b"%d" % len(body)))
    return Answer(b"HTTP/1.1 " + status, headers, body)


NAMES = [
    *(b"Content-Length", b"Content-Range", b"ETag", b"Last-Modified", b"Date"),
    *(b"Content-Encoding", b"Transfer-Encoding", b"Content-Type", b"Location"),
    *(b"Retry-After", b"Connection", b"Set-Cookie", b"Keep-Alive", b"Server"),
    b"Trailer",
]
VALUES = [
    *(b"", b" ", b"0", b"-1", b"1", b"19", b"20000", b"40000", b"40001", b"9" * 19),
    *(b"9" * 5000, b"0" * 5000, b"1" * 60_000, b"+5", b"0x10", b"1_000", b"1e3"),
    b"5, 5",
    *(
        b"5, 6",
        b"\xb2",
        "\u0663".encode(),
        b"\xff\xfe",
        b"\0",
        b"a\0b",
        b'"',
        b'""',
        b'"a',
    ),
    b"*",
    *(b'"a", "b"', b'W/"a"', b'"' + b"e" * 60_000 + b'"', b'"\xe4"', b'"a\tb"'),
    *(b"bytes 0-9/10", b"bytes 9-0/10", b"bytes a-b/c", b"bytes */40000", b"bytes */*"),
    *(b"bytes 0-39999/40000", b"bytes 0-39999/*", b"bytes -5-5/9", b"bytes 0-9/9"),
    b"bits",
    *(b"bytes 0-" + b"9" * 5000 + b"/*", b"bytes=0-9", b"bytes 0-9/10, bytes 0-9/10"),
    *(b"Wed, 21 Oct 2015 07:28:00 GMT", b"Wed, 21 Oct 99999 07:28:00 GMT", b"Oct"),
    b",",
    *(b"Wed, 99 Xyz 0000 99:99:99 +9999", b"Thu, 01 Jan 1970 00:00:00 -2400"),
    b"0 0 0 0 0",
    *(b"gzip", b"chunked", b"chunked, chunked", b"gzip, chunked", b"identity"),
    b"deflate",
    *(b"br, gzip, zstd", b"Chunked", b"text/html", b"text/html; charset=\xff"),
    b"close",
    *(b"keep-alive", b"upgrade", b"a=b; Path=/; Max-Age=9999999999999999999"),
    *(b"a=b; max-age=", b"a=b; Max-Age", b"a=b; max-age=" + b"9" * 400),
    b"a" * 60_000,
    *(b"=?utf-8?b?4pyT?=", b"=?x?q?=ff?=", b"multipart/byteranges; boundary=x"),
    *(b"%s%n", b"a\r\n b"),
    *(b"\x1b[31m", "\u202e".encode(), b"\x85", b"a\x0bb", b"a\x1cb", b"(" * 3000),
    b"<>@,;:\\/[]?={}",
]
STATUSES = [
    *(b"", b"HTTP/1.1", b"HTTP/1.1 ", b"HTTP/1.1 200", b"HTTP/1.0 200 OK"),
    b"HTTP/0.9 200 OK",
    *(b"HTTP/2 200 OK", b"HTTP/9.9 206 OK", b"ICY 200 OK", b"200 OK", b"<html>"),
    b"\0" * 9,
    *(b"HTTP/1.1 -200 OK", b"HTTP/1.1 2e2 OK", b"HTTP/1.1 " + b"2" * 5000),
    b"HTTP/1.1 \xb2 OK",
    *(b"HTTP/1.1 200 " + b"x" * 70_000, b"HTTP/1.1 999 Odd", b"HTTP/1.1 000 Odd"),
    *(b"HTTP/1.1 2_0_0 OK", b"http/1.1 200 ok", b"HTTP/1.1 200 \xff\xfe"),
    b"HTTP/1.1\t206\tOK",
    *(b"HTTP/1.1 %d Some" % status for status in range(100, 600)),
]
PLACES = [
    *("/f", "/g", "f", "", "//", "http://", "http:///", "http://[", "http://[::1"),
    *("?x", "#x"),
    *("http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "http://127.0.0.1:x/", "/\0"),
    "/\x7f",
    *("http://127.0.0.1:1/f", "file:///etc/passwd", "ftp://127.0.0.1:1/"),
    *("javascript:1", "data:,"),
    *("https:/f", "HTTP://127.0.0.1:{port}/f", "http://u:p@127.0.0.1:{port}/f", "/é"),
    *("/%zz", "/%"),
    *("http://127.0.0.1:{port}/f\thttp://127.0.0.1:{port}/g", "/" + "x" * 9000),
    "/" + "x" * 60_000,
    *("\\\\127.0.0.1\\f", "http:\\\\127.0.0.1", "/../../f", "//127.0.0.1:{port}/f"),
    *("a b", "/a b"),
    *("http://.", "http://..:1/", "http://%31", "http://127.0.0.1:{port}", "//@"),
    *("///", ";"),
    *("http://" + "a" * 300, "http://" + "a." * 200, "http://xn--/", "http://\xad/"),
    "ht\ttp:/f",
    *("http://127.0.0.1:{port}:{port}/", "http://[127.0.0.1]/", "http://[::1%25lo]:1/"),
    "http:f",
]
SIZES = [
    *(b"", b"0", b"-5", b"-0", b"zz", b"0x5", b"+5", b"5_0", b" 5 ", b"5;a=b", b";"),
    b"fffffff",
    *(b"f" * 5000, b"5;" + b"x" * 70_000, b"\xb2", b"\0", b"5\r", b"00000000005"),
    b"7fffffffffffffff",
]


def change_status(answer: Answer, random: Random) -> None:
    """Let the status line be another one, or none."""
    answer.status = random.choice(STATUSES)


def change_header(answer: Answer, random: Random) -> None:
    """Change the values of headers, or add a second one."""
    for _ in range(random.choice([1, 1, 2, 4])):
        name, value = random.choice(NAMES), random.choice(VALUES)
        if random.random() < 0.6:
            answer.set(name, value)
        else:
            answer.headers.insert(random.randint(0, len(answer.headers)), (name, value))


def lose_header(answer: Answer, random: Random) -> None:
    """Leave a header out."""
    at = random.randint(0, len(answer.headers))
    del answer.headers[at : at + 1]


def repeat_header(answer: Answer, random: Random) -> None:
    """Let a header stand there twice, with the same value or another."""
    for name, value in random.sample(answer.headers, min(1, len(answer.headers))):
        answer.headers.append((name, random.choice([value, value + b"1", b""])))


def add_lines(answer: Answer, random: Random) -> None:
    """Put lines among the headers that are none."""
    line = random.choice(
        [
            b"no colon",
            b" folded",
            b"\tfolded",
            b": none",
            b"a b: c",
            b"\xff: \xff",
            b"X:",
            b"\r",
        ]
    )
    answer.extra = [line] * random.choice([1, 1, 2, 99, 101, 300])
    if random.random() < 0.3:
        answer.headers, answer.extra = (
            [],
            [
                *answer.extra,
                *(name + b": " + text for name, text in answer.headers),
            ],
        )


def change_line_ends(answer: Answer, random: Random) -> None:
    """End lines in another way."""
    answer.end = random.choice([b"\n", b"\r", b"\r\r\n", b"\n\r"])


def send_in_chunks(answer: Answer, random: Random) -> None:
    """Send the body in chunks, of which one or the end is odd."""
    answer.headers = [one for one in answer.headers if one[0] != b"Content-Length"]
    answer.headers.append((b"Transfer-Encoding", b"chunked"))
    chunks = [
        (b"%x" % len(piece), piece)
        for piece in (
            answer.body[at : at + 9000] for at in range(0, len(answer.body), 9000)
        )
    ]
    if chunks and random.random() < 0.7:
        at = random.randrange(len(chunks))
        chunks[at] = (random.choice(SIZES), chunks[at][1])
    body = b"".join(size + b"\r\n" + piece + b"\r\n" for size, piece in chunks)
    end = [b"0\r\n\r\n", b"0\r\n", b"", b"0\r\nA: b\r\n\r\n", b"0\r\n" + b"x" * 70_000]
    answer.body = body + random.choice([*end, b"0\r\n" + b"A: b\r\n" * 300 + b"\r\n"])


def say_more_before(answer: Answer, random: Random) -> None:
    """Send other answers before."""
    one = random.choice(
        [
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 103 Early Hints\r\nLink: </f>\r\n\r\n",
            b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n",
            b"\r\n",
            b"HTTP/1.1 100 " + b"x" * 60_000 + b"\r\n\r\n",
        ]
    )
    answer.before = one * random.choice([1, 1, 3, 300])


def redirect(answer: Answer, random: Random) -> None:
    """Redirect to somewhere."""
    answer.status = b"HTTP/1.1 %d Go" % random.choice(
        [300, 301, 302, 303, 304, 307, 308]
    )
    place = random.choice(PLACES).encode(random.choice(["utf-8", "latin-1"]), "replace")
    answer.set(b"Location", place)


def change_body(answer: Answer, random: Random) -> None:
    """Send other bytes, fewer or more of them."""
    at = random.randint(0, len(answer.body))
    answer.body = random.choice(
        [
            answer.body[:at],
            answer.body + random.randbytes(random.choice([1, 9, 9999])),
            answer.body[:at] + b"\0" + answer.body[at + 1 :],
            answer.body[at:],
            b"<!doctype html><p>Go away",
            random.randbytes(len(answer.body)),
        ]
    )


CHANGES = [
    *(change_status, change_header, change_header, change_header, lose_header),
    *(repeat_header, add_lines, change_line_ends, send_in_chunks, send_in_chunks),
    *(say_more_before, redirect, redirect, change_body),
]


def answer_badly(request: bytes, data: bytes, random: Random) -> bytes:
    """Answer with something wrong, or with several things."""
    answer = answer_well(request, data)
    for _ in range(random.choice([1, 1, 2, 3])):
        random.choice(CHANGES)(answer, random)
    sent = answer.write()
    if random.random() < 0.1:
        sent = sent[: random.randint(0, len(sent))]
    if random.random() < 0.1:
        changed = bytearray(sent)
        for _ in range(random.choice([1, 3])):
            if changed:
                changed[random.randrange(min(len(changed), 400))] = random.randrange(
                    256
                )
        sent = bytes(changed)
    return sent


# -- verdicts -----------------------------------------------------------------------


def judge(client: Client, server: RawServer, folder: Path, random: Random) -> str:
    """Take something from the server, and see what becomes of it."""
    what = random.choice(
        [
            "file",
            "resumed",
            "unknown",
            "member",
            "member",
            "whole archive",
            "directory",
            "probe",
        ]
    )
    data = TEXT if what in ("file", "resumed", "unknown", "probe") else ARCHIVE
    bad = random.choice([1, 1, 2, 3, 99])
    spared = random.choice([0, 0, 1])

    def script(request: bytes) -> Iterator[bytes]:
        nonlocal bad, spared
        spared, good = spared - 1, spared > 0
        bad -= not good
        if good or bad < 0:
            yield answer_well(request, data).write()
        else:
            port = b"%d" % server.port
            yield answer_badly(request, data, random).replace(b"{port}", port)

    server.script = script
    sha256 = hashlib.sha256(TEXT).hexdigest()

    def take() -> bytes:
        if what == "resumed":
            leave_part(client, server, folder, data, random)
        if what in ("file", "resumed"):
            with open_remote_file(client, server.url, folder, sha256=sha256) as one:
                return b"".join(one)
        if what == "unknown":
            with open_remote_file(client, server.url, folder) as one:
                return TEXT if list(one) is not None else b""
        opener = open_member if what == "member" else open_archived_member
        with opener(client, server.url, NAME, folder, sha256=sha256) as text:
            return b"".join(text)

    try:
        if what == "probe":
            client.probe(server.url)
        elif what == "directory":
            read_archive(client, server.url).pick(NAME)
        else:
            assert restarting(take) == TEXT
    except GloveRegistryError as error:
        said = str(error)
    else:
        return "right"
    assert len(said) < 5000
    return "refused"


def leave_part(
    client: Client, server: RawServer, folder: Path, data: bytes, random: Random
) -> None:
    """Leave behind what an interrupted transfer of the right file would."""
    script, server.script = server.script, lambda request: iter([good])
    good = answer_well(b"", data).write()
    wanted = random.randint(1, len(data))
    with open_remote_file(client, server.url, folder) as download:
        download.read(wanted)
    server.script = script


def main(first: str, count: str) -> None:
    """Judge so many cases from that one on."""
    # What the libraries log is shown unless logging is set up.
    logging.getLogger().addHandler(_Refusing(logging.WARNING))
    sys.unraisablehook = lambda fault: (sys.__unraisablehook__(fault), os._exit(1))
    begun = time.monotonic()
    with make_quick_folder() as folder, RawServer(lambda request: iter(())) as server:
        for number in range(int(first), int(first) + int(count)):
            print(number, end=" ", flush=True)
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            case = Path(folder, str(number))
            with Client(POLICY) as client:
                verdict = judge(client, server, case, Random(f"answers {number}"))
            print(verdict, flush=True)
            shutil.rmtree(case, ignore_errors=True)
        answers = len(server.requests)
    seconds = time.monotonic() - begun
    print(f"{answers} answers in {seconds:.0f} s", file=sys.stderr)


class _Refusing(logging.Handler):
    """Refuses what other libraries log: it may have a URL with its secrets."""

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("glove_registry"):
            raise AssertionError(record.getMessage())


if __name__ == "__main__":
    main(*sys.argv[1:])
