"""A handler for aiosmtpd: keeps mails in a file, and does with each what the file `trouble` beside it says."""

import asyncio
import json
import pathlib
from email.header import decode_header, make_header

from aiosmtpd.handlers import Message


class Fickle(Message):
    def __init__(self, home):
        super().__init__()
        self.home = pathlib.Path(home)

    @classmethod
    def from_cli(cls, parser, *args):
        return cls(*args)

    def trouble(self):
        file = self.home / "trouble"
        return file.read_text() if file.exists() else ""

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        print("mail", flush=True)
        if self.trouble() == "silent before the content":
            await asyncio.Event().wait()
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        print("content", flush=True)
        if self.trouble() == "silent":
            await asyncio.Event().wait()
        return self.trouble() or await super().handle_DATA(server, session, envelope)

    def handle_message(self, message):
        leaves = [part for part in message.walk() if not part.is_multipart()]
        mail = {
            "headers": message.items(),
            "subject": str(make_header(decode_header(message["Subject"]))),
            "parts": {part.get_content_type(): part.get_payload(decode=True).decode() for part in leaves},
        }
        with open(self.home / "mails", "a") as mails:
            mails.write(json.dumps(mail) + "\n")
