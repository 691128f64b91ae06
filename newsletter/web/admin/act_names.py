"""What the acts of operators are called where they are shown, by the name under which they are noted: the endpoint."""

from __future__ import annotations

from newsletter.i18n import _l

ACTS = {
    "login.enter": _l("Logged in"),
    "login.leave": _l("Logged out"),
    "login.change_password": _l("Changed their own password"),
    "login.confirm_code": _l("Set up a second factor"),
    "login.take_code_away": _l("Took their second factor away"),
    "login.end_logins": _l("Ended logins of their own"),
    "operators.add": _l("Made a login"),
    "operators.change": _l("Changed a login"),
    "operators.take_code_away": _l("Reset the second factor of a login"),
    "operators.remove": _l("Removed a login"),
    "today.pause": _l("Paused all sending"),
    "today.resume": _l("Resumed all sending"),
    "today.pause_domain": _l("Paused sending to a domain"),
    "today.resume_domain": _l("Let mail go to a domain again"),
    "people.add": _l("Entered a subscriber"),
    "people.edit": _l("Changed a subscriber’s choices"),
    "people.pause": _l("Paused a subscriber"),
    "people.resume": _l("Ended a subscriber’s pause"),
    "people.link": _l("Had a link mailed to a subscriber"),
    "people.move": _l("Moved a subscriber to another address"),
    "people.leave": _l("Let a subscriber leave"),
    "people.suppress": _l("Stopped all mail to an address"),
    "people.lift": _l("Let mail go to an address again"),
    "people.erase": _l("Erased a subscriber"),
    "people.data": _l("Took a copy of a subscriber’s data"),
    "desk_papers.mark": _l("Marked a paper under a topic"),
    "desk_papers.reject": _l("Rejected a translation"),
    "desk_papers.translate": _l("Had a text translated again"),
    "desk_papers.write": _l("Wrote a translation by hand"),
    "desk_topics.save": _l("Changed a topic of the catalogue"),
    "desk_topics.undo": _l("Went back to an earlier catalogue"),
    "deliveries.resend": _l("Had mails sent again"),
    "deliveries.resend_one": _l("Had a mail sent again"),
    "outside.test": _l("Sent a test mail"),
    "outside.try_engine": _l("Tried a translation engine"),
    "outside.try_source": _l("Asked a source for a paper"),
    "bounces.suppress": _l("Stopped all mail to an address"),
    "bounces.lift": _l("Let mail go to an address again"),
    "inviting.invite": _l("Invited an editor of the collection"),
    "inviting.revoke": _l("Took an editor’s access to the collection away"),
}
# The roles, as they stand in the list and in refusals.
ROLES = {"viewer": _l("viewer"), "editor": _l("editor"), "owner": _l("owner")}
