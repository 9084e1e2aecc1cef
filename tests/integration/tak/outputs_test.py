"""Outputs against real peers. In each test a healthy output stands beside the bad one, and gets its events in time."""

import hashlib
import os
import socket
import ssl
import subprocess
import time
import unittest

from harness import AT_ONCE_S, DEADLINE_S, HEAD, Server, TakCase, UdpClient, callsigns, row

# Of a server that vanishes, in seconds.
AWAY_S = 60 if os.environ.get("STINKY_LONG") == "yes" else 3


class Certificates:
    """An authority, and certificates of it, made by openssl(1)."""

    def __init__(self, directory) -> None:
        self.directory = directory
        directory.mkdir()
        self.authority("ca")
        self.issue("server", "ca", "takserver.test")
        self.issue("client", "ca", "client")

    def openssl(self, *arguments: str, **kwargs) -> bytes:
        return subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True, **kwargs).stdout

    def authority(self, name: str) -> None:
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                     "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name: str, authority: str, host: str, days: str = "2") -> None:
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (self.directory / f"{name}.ext").write_text(f"subjectAltName=DNS:{host}\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                     "-CAcreateserial", "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")

    def path(self, name: str) -> str:
        return str(self.directory / name)

    def context(self, name: str = "server", client_authority: str | None = "ca") -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(f"{name}.pem"), self.path(f"{name}.key"))
        if client_authority:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path(f"{client_authority}.pem"))
        return context


class Outputs(TakCase):
    def setUp(self) -> None:
        super().setUp()
        self.healthy = UdpClient()

    def server(self, *arguments, **kwargs) -> Server:
        server = Server(*arguments, **kwargs)
        self.addCleanup(server.close)
        return server

    def heard(self, number: int) -> None:
        """One more access point; the healthy output gets it at once, whatever the other one does."""
        self.append(row(number))
        self.assertEqual(self.healthy.next(AT_ONCE_S), f"net{number}")


class Tcp(Outputs):
    def test_events_follow_each_other_and_what_was_there_before_comes_first(self) -> None:
        server = self.server()
        self.append(HEAD + row(1))
        self.start(f"tcp://127.0.0.1:{server.port}", self.healthy.url)
        self.assertEqual(self.healthy.next(), "net1")
        self.heard(2)
        server.wait_for({"net1", "net2"})
        report = self.wait_for_status(lambda r: r["counters"]["outputs"][0]["sent"] == 2, "two events")
        output = report["counters"]["outputs"][0]
        self.assertTrue(output["up"])
        self.assertIsNotNone(output["connected_since_s"])
        self.assertEqual(report["state"], "ok")

    def test_a_server_that_resets_gets_the_current_tracks_again(self) -> None:
        server = self.server()
        self.append(HEAD + row(1))
        self.start(f"tcp://127.0.0.1:{server.port}", self.healthy.url)
        self.assertEqual(self.healthy.next(), "net1")
        server.wait_for({"net1"})
        server.reset_connections()
        server.wait_for_connection(2)
        self.heard(2)
        server.wait_for({"net1", "net2"}, connection=1)

    def test_a_server_that_is_gone_and_comes_back_misses_nothing(self) -> None:
        server = self.server()
        port = server.port
        server.close()
        self.append(HEAD)
        self.start(f"tcp://127.0.0.1:{port}", self.healthy.url)
        self.wait_for_problem("Connection refused")
        for number in range(1, 40):
            self.heard(number)
        report = self.wait_for_status(lambda r: r["counters"]["outputs"][0]["queued"] == 39, "a queue of 39")
        self.assertEqual(report["state"], "degraded")
        back = self.server(port=port)
        back.wait_for({f"net{number}" for number in range(1, 40)})

    def test_a_server_that_vanishes_in_the_middle_misses_nothing(self) -> None:
        server = self.server()
        port = server.port
        self.append(HEAD)
        self.start(f"tcp://127.0.0.1:{port}", self.healthy.url)
        self.heard(1)
        server.wait_for({"net1"})
        server.close()
        vanished = time.monotonic()
        number = 1
        # As long as it is away, something is heard twice a second.
        while time.monotonic() - vanished < AWAY_S:
            number += 1
            self.heard(number)
            time.sleep(0.5)
        # What the wire swallowed when it broke comes again with the tracks.
        back = self.server(port=port)
        back.wait_for({f"net{n}" for n in range(1, number + 1)}, deadline_s=2 * DEADLINE_S)

    def test_a_server_that_accepts_and_reads_nothing_delays_nobody(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.addCleanup(listener.close)
        self.append(HEAD)
        self.start(f"tcp://127.0.0.1:{listener.getsockname()[1]}", self.healthy.url, settings="TAK_RATE=0")
        connection, _ = listener.accept()
        count = 9000
        self.append("".join(row(number) for number in range(1, count)))
        report = self.wait_for_status(
            lambda r: r["counters"]["rows"] == count - 1 and r["counters"]["outputs"][0]["queued"] > 0, "a queue")
        self.assertLess(report["counters"]["outputs"][0]["queued"], count)
        # What waits is tracks: heard again, they do not wait twice.
        self.append("".join(row(number) for number in range(1, count)))
        again = self.wait_for_status(lambda r: r["counters"]["rows"] == 2 * (count - 1), "all rows")
        # Less when the first report was made before the kernel had taken its fill.
        self.assertLessEqual(again["counters"]["outputs"][0]["queued"], report["counters"]["outputs"][0]["queued"])
        self.assertEqual(again["counters"]["outputs"][1]["sent"], count - 1)
        # Then it reads: everything comes, and once.
        self.append(row(count))
        received = bytearray()
        connection.settimeout(DEADLINE_S)
        last = f'"net{count}"'.encode()
        while last not in received[-4096:] or not received.endswith(b"</event>"):
            received += connection.recv(1 << 20)
        self.assertEqual(sorted(callsigns(bytes(received))), sorted(f"net{number}" for number in range(1, count + 1)))

    def test_a_name_that_nobody_knows_is_a_state(self) -> None:
        self.append(HEAD)
        self.start("tcp://no-such-host.invalid:8087", self.healthy.url)
        self.wait_for_problem("find the address of no-such-host.invalid")
        self.heard(1)


class Tls(Outputs):
    def setUp(self) -> None:
        super().setUp()
        self.certificates = Certificates(self.directory / "tls")
        self.settings = (f"TAK_TLS_CA={self.certificates.path('ca.pem')}\n"
                         f"TAK_TLS_CERT={self.certificates.path('client.pem')}\n"
                         f"TAK_TLS_KEY={self.certificates.path('client.key')}\n")

    def start_with(self, server: Server, options: str, settings: str | None = None) -> None:
        self.append(HEAD + row(1))
        self.start(f"tls://127.0.0.1:{server.port}{options}", self.healthy.url,
                   settings=self.settings if settings is None else settings)
        self.assertEqual(self.healthy.next(), "net1")

    def test_both_sides_know_each_other(self) -> None:
        server = self.server(self.certificates.context())
        self.start_with(server, "?name=takserver.test")
        self.heard(2)
        server.wait_for({"net1", "net2"})

    def test_pkcs12_as_tak_servers_hand_it_out(self) -> None:
        pack = self.certificates
        (pack.directory / "password").write_text("atakatak\n")
        for options in ([], ["-legacy"]):
            with self.subTest(options=options):
                pack.openssl("pkcs12", "-export", *options, "-in", "client.pem", "-inkey", "client.key", "-out", "client.p12",
                             "-passout", "pass:atakatak")
                pack.openssl("pkcs12", "-export", *options, "-nokeys", "-in", "ca.pem", "-out", "ca.p12",
                             "-passout", "pass:atakatak")
                server = self.server(pack.context())
                self.start_with(server, "?name=takserver.test",
                                f"TAK_TLS_CA={pack.path('ca.p12')}\nTAK_TLS_CERT={pack.path('client.p12')}\n"
                                f"TAK_TLS_PASSWORD_FILE={pack.path('password')}\n")
                server.wait_for({"net1"})
                self.stop()
                for state in (self.directory / "state").iterdir():
                    state.unlink()
                os.truncate(self.captures / "a.wiglecsv", 0)
        (pack.directory / "password").write_text("wrong\n")
        self.start_with(server, "", f"TAK_TLS_CA={pack.path('ca.p12')}\nTAK_TLS_PASSWORD_FILE={pack.path('password')}\n")
        self.wait_for_problem("not the password of")

    def refused(self, options: str, problem: str, settings: str | None = None, **context) -> Server:
        server = self.server(self.certificates.context(**context))
        self.start_with(server, options, settings)
        self.wait_for_problem(problem)
        self.heard(2)
        self.assertEqual([callsigns(bytes(stream)) for stream in server.received if stream], [])
        return server

    def test_a_wrong_name_is_refused(self) -> None:
        self.refused("?name=other.test", "its certificate is for another name")

    def test_the_address_is_no_name(self) -> None:
        self.refused("", "its certificate is for another name")

    def test_a_foreign_authority_is_refused(self) -> None:
        self.certificates.authority("other")
        self.certificates.issue("foreign", "other", "takserver.test")
        self.refused("?name=takserver.test", "its certificate is not accepted", name="foreign")

    def test_an_expired_certificate_is_refused(self) -> None:
        self.certificates.issue("expired", "ca", "takserver.test", days="-1")
        self.refused("?name=takserver.test", "certificate has expired", name="expired")

    def test_a_server_that_refuses_our_certificate_is_named(self) -> None:
        self.certificates.authority("other")
        self.refused("?name=takserver.test", "unknown ca", client_authority="other")

    def test_without_an_authority_nothing_is_sent(self) -> None:
        self.refused("?name=takserver.test", "TAK_TLS_CA= names no authority", settings="")

    def test_a_missing_file_is_a_state(self) -> None:
        self.refused("?name=takserver.test", "/nowhere/ca.pem", settings="TAK_TLS_CA=/nowhere/ca.pem\n")

    def test_a_pinned_key_stands_for_an_authority_and_another_key_does_not(self) -> None:
        public = self.certificates.openssl("x509", "-in", "server.pem", "-noout", "-pubkey")
        der = self.certificates.openssl("pkey", "-pubin", "-outform", "DER", input=public)
        pin = hashlib.sha256(der).hexdigest()
        self.refused(f"?pin=sha256:{'0' * 64}", f"its key is sha256:{pin}, not the pinned one", client_authority=None,
                     settings="")
        self.stop()
        server = self.server(self.certificates.context(client_authority=None))
        self.start(f"tls://127.0.0.1:{server.port}?pin=sha256:{pin}", self.healthy.url)
        server.wait_for({"net1"})

    def test_a_server_that_accepts_slowly_is_waited_for(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        self.append(HEAD + row(1))
        self.start(f"tls://127.0.0.1:{listener.getsockname()[1]}?name=takserver.test", self.healthy.url,
                   settings=self.settings)
        self.assertEqual(self.healthy.next(), "net1")
        connection, _ = listener.accept()
        for number in range(2, 10):
            self.heard(number)
        with self.certificates.context().wrap_socket(connection, server_side=True) as secure:
            secure.settimeout(DEADLINE_S)
            received = bytearray()
            while received.count(b"</event>") < 9:
                received += secure.recv(65536)
        self.assertEqual(set(callsigns(bytes(received))), {f"net{number}" for number in range(1, 10)})


@unittest.skipUnless(os.geteuid() == 0 or os.path.exists("/proc/self/ns/user"), "needs a network of its own")
class Multicast(TakCase):
    """In a network namespace: an interface that goes down and comes back with another address."""

    def test_an_interface_that_comes_back_with_another_address_is_used_again(self) -> None:
        script = self.directory / "inside.py"
        script.write_text(f"""
import os, socket, struct, subprocess, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
import harness

def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)

def listen(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("239.2.3.1", 6969))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.2.3.1") + socket.inet_aton(address))
    s.settimeout(harness.DEADLINE_S)
    return s

def heard(s, sender, names):
    missing = set(names)
    while missing:
        data, source = s.recvfrom(65536)
        missing -= set(harness.callsigns(data))
        assert source[0] == sender, source

class Inside(harness.TakCase):
    def test(self):
        ip("link", "set", "lo", "up")
        for name in ("one", "two"):
            ip("link", "add", name, "type", "veth", "peer", "name", name + "peer")
            ip("link", "set", name + "peer", "up")
        healthy = harness.UdpClient()
        self.append(harness.HEAD + harness.row(1))
        self.start("udp+multicast://239.2.3.1:6969?ttl=3", healthy.url)
        self.assertEqual(healthy.next(), "net1")
        self.wait_for_problem("no interface with an IPv4 address is up")
        ip("addr", "add", "10.1.0.1/24", "dev", "one")
        ip("link", "set", "one", "up")
        first = listen("10.1.0.1")
        self.append(harness.row(2))
        self.assertEqual(healthy.next(harness.AT_ONCE_S), "net2")
        heard(first, "10.1.0.1", ["net2"])
        ip("addr", "add", "10.2.0.1/24", "dev", "two")
        ip("link", "set", "two", "up")
        second = listen("10.2.0.1")
        # Down and back with another address; the other interface goes on meanwhile.
        ip("link", "set", "one", "down")
        ip("addr", "flush", "dev", "one")
        self.wait_for_status(lambda r: True, "a report")
        self.append(harness.row(3))
        self.assertEqual(healthy.next(harness.AT_ONCE_S), "net3")
        heard(second, "10.2.0.1", ["net3"])
        first.close()
        ip("addr", "add", "10.3.0.1/24", "dev", "one")
        ip("link", "set", "one", "up")
        third = listen("10.3.0.1")
        import time
        end = time.monotonic() + harness.DEADLINE_S
        number = 3
        third.settimeout(0.5)
        while True:
            number += 1
            self.append(harness.row(number))
            self.assertEqual(healthy.next(harness.AT_ONCE_S), "net%d" % number)
            try:
                data, source = third.recvfrom(65536)
            except TimeoutError:
                assert time.monotonic() < end, "nothing leaves by the new address"
                continue
            if source[0] == "10.3.0.1":
                break
        self.assertIsNone(self.process.poll())

harness.unittest.main()
""")
        done = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "python3", "-W", "ignore::ResourceWarning",
                               script], capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
