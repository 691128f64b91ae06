"""What the acts of operators are called where they are shown, by the name under which they are noted: the endpoint."""

from __future__ import annotations

from newsletter.i18n import _l

ACTS = {
    "login.enter": _l("Logged in"),
    "login.leave": _l("Logged out"),
    "login.change_password": _l("Changed their own password"),
    "login.confirm_code": _l("Set up a second factor"),
    "login.take_code_away": _l("Took their second factor away"),
    "operators.add": _l("Made a login"),
    "operators.change": _l("Changed a login"),
    "operators.take_code_away": _l("Reset the second factor of a login"),
    "operators.remove": _l("Removed a login"),
    "admin.pause": _l("Paused all sending"),
    "admin.resume": _l("Resumed all sending"),
    "bounces.suppress": _l("Stopped all mail to an address"),
    "bounces.lift": _l("Let mail go to an address again"),
    "inviting.invite": _l("Invited an editor of the collection"),
    "inviting.revoke": _l("Took an editor’s access to the collection away"),
}
# The roles, as they stand in the list and in refusals.
ROLES = {"viewer": _l("viewer"), "editor": _l("editor"), "owner": _l("owner")}
