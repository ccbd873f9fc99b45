"""How a mailbox is logged in to: its password, or an access token that is had anew before it ends."""

from datetime import UTC, datetime

from activities.mail.imap import ImapSession
from activities.mail.imap_connection import Login
from activities.mail.mailbox_errors import MailboxError
from activities.mail.tokens import renewed
from domain.mail.mailbox import MailboxRef
from domain.mail.oauth import OAuth2
from domain.mail.states import LoginKind
from models.database import Database
from models.mail import MailAccount
from stores.mail.accounts import account_of
from stores.mail.locks import lock_login
from stores.mail.secrets import NoSecretKeys, Secrets, SecretUnreadable


class Logins:
    """Opens what is sealed. What it finds out of a token is sealed again at once, so that no other worker needs to ask
    for it, and a refresh token that was replaced is not lost. `private` is as in `tokens.renewed`."""

    def __init__(self, database: Database, secrets: Secrets, *, private: bool) -> None:
        self._database, self._secrets, self._private = database, secrets, private

    async def log_in(self, session: ImapSession, account: MailAccount) -> None:
        """Logs in to the server; with a new token when it refuses the one that we have. Raises MailboxError."""
        opened = self._open(account)
        if account.login is LoginKind.PASSWORD:
            await session.log_in(Login(account.username or "", password=opened))
            return
        login = OAuth2.read(opened)
        token = login.usable_token(datetime.now(UTC))
        if token is not None:
            try:
                await session.log_in(Login(account.username or "", token=token))
            except MailboxError as error:
                if error.code != "login_refused":
                    raise
            else:
                return
        login = await self._renewed(account)
        await session.log_in(Login(account.username or "", token=login.access_token))

    def smtp_password(self, account: MailAccount) -> str | None:
        """The password of the mailbox's own mail server, None when it has none. Raises MailboxError."""
        return self._unsealed(account, account.smtp_secret) if account.smtp_secret else None

    def _open(self, account: MailAccount) -> str:
        if account.secret is None:
            raise MailboxError("secret_missing")
        return self._unsealed(account, account.secret)

    def _unsealed(self, account: MailAccount, sealed: bytes) -> str:
        try:
            return self._secrets.open(account.tenant_id, account.id, sealed)
        except SecretUnreadable:
            raise MailboxError("secret_unreadable") from None

    async def _renewed(self, account: MailAccount) -> OAuth2:
        """The login with a new token: that which another worker has had meanwhile, if one has, since a provider may
        take each refresh token once only. It is sealed unless somebody has given another login in that time."""
        mailbox = MailboxRef(account.tenant_id, account.id)
        async with self._database.transaction(account.tenant_id) as session:
            await lock_login(session, account.id)
            found = await account_of(session, mailbox)
            known = found if found and found.login is LoginKind.OAUTH2 else account
            sealed, login = known.secret, OAuth2.read(self._open(known))
            if sealed != account.secret and login.usable_token(datetime.now(UTC)):
                return login
            login = await renewed(login, private=self._private)
            found = await account_of(session, mailbox, lock=True)
            if found and found.secret == sealed:
                try:
                    found.secret = self._secrets.seal(account.tenant_id, account.id, login.text())
                except NoSecretKeys:
                    raise MailboxError("secret_unreadable") from None
        return login
