"""The file servers of the tests: SFTP by asyncssh, FTP by pyftpdlib, all over the files of one directory.

Called with that directory and the file of a certificate and its key. Prints one line of JSON (ports, the fingerprint of
the SFTP server's key, keys that it lets in), and ends when its input does.
"""

import asyncio
import json
import sys
import threading

import asyncssh
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

HOME, CERTIFICATE = sys.argv[1:]
PASSWORD = "hunter2"
# Keys of cleo.
LET_IN = []


# SFTP


class Gate(asyncssh.SSHServer):
    """Lets ann in with a password, bob with one in a dialogue, cleo with a key, and nobody else."""

    def begin_auth(self, username):
        self.username = username
        return True

    def password_auth_supported(self):
        return self.username == "ann"

    def validate_password(self, username, password):
        return password == PASSWORD

    def kbdint_auth_supported(self):
        return self.username == "bob"

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username, responses):
        return list(responses) == [PASSWORD]

    def public_key_auth_supported(self):
        return self.username == "cleo"

    def validate_public_key(self, username, key):
        return key in LET_IN


async def sftp(host_key):
    def files(channel):
        return asyncssh.SFTPServer(channel, chroot=HOME)

    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Gate,
        server_host_keys=[host_key],
        sftp_factory=files,
    )
    return listener.get_port()


# FTP


class Breaking:
    """A file that cannot be read to its end."""

    def __init__(self, file):
        self.file, self.name, self.closed = file, file.name, False
        self.whole = True

    def read(self, count):
        if not self.whole:
            raise OSError("the disk broke")
        self.whole = False
        return self.file.read(10)

    def close(self):
        self.closed = True
        self.file.close()


class Files(AbstractedFS):
    def open(self, filename, mode):
        file = super().open(filename, mode)
        return Breaking(file) if filename.endswith("breaking.csv") else file


class Plain(FTPHandler):
    abstracted_fs = Files
    banner = "ready"
    # It would only keep the tests waiting.
    auth_failed_timeout = 0


class Old(Plain):
    """Knows neither EPSV nor SIZE, and tells clients of an address where it is not."""

    proto_cmds = {name: facts for name, facts in FTPHandler.proto_cmds.items() if name not in ("EPSV", "SIZE")}
    masquerade_address = "192.0.2.1"


class Explicit(TLS_FTPHandler):
    abstracted_fs = Files
    certfile = CERTIFICATE
    tls_control_required = True
    tls_data_required = True


class Implicit(Explicit):
    def handle(self):
        self.secure_connection(self.ssl_context)
        super().handle()


HANDLERS = {"ftp": Plain, "old_ftp": Old, "ftpes": Explicit, "ftps": Implicit}


def ftp(handler):
    authorizer = DummyAuthorizer()
    authorizer.add_user("ann", PASSWORD, HOME)
    authorizer.add_anonymous(HOME)
    return FTPServer(("127.0.0.1", 0), type(handler.__name__, (handler,), {"authorizer": authorizer}))


async def main():
    # They share one loop, which any of them runs.
    servers = {name: ftp(handler) for name, handler in HANDLERS.items()}
    threading.Thread(target=servers["ftp"].serve_forever, daemon=True).start()
    host_key, plain, rsa = [asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ssh-ed25519", "ssh-rsa")]
    LET_IN.extend(key.convert_to_public() for key in (plain, rsa))
    facts = {
        "host_key": host_key.get_fingerprint("sha256"),
        "key": plain.export_private_key().decode(),
        "locked_key": rsa.export_private_key(passphrase=PASSWORD).decode(),
        "sftp": await sftp(host_key),
    }
    print(json.dumps(facts | {name: server.address[1] for name, server in servers.items()}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
