"""A subscriber's choices, by the link in every mail, without a login; and how to get that link again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from newsletter.daily.match import Trial
from newsletter.daily.next_mail import next_mail
from newsletter.digests.sections import section_name
from newsletter.digests.selection import COLLECTION
from newsletter.mail.signed_links import LinkPurpose
from newsletter.ranking.store import opinions as opinions_store
from newsletter.subscribers import form_limits, links, preferences
from newsletter.subscribers.addresses import masked
from newsletter.subscribers.choices import LEAST_PAPERS, MOST_PAPERS
from newsletter.subscribers.store.form_requests import Form
from newsletter.subscribers.subscriber import SUBSCRIBED, Subscriber
from newsletter.subscribers.undo import is_undoable
from newsletter.topics.saved_queries import LONGEST, written
from newsletter.values.saved_queries import MOST, Kind
from newsletter.web.after_answers import ask_for_link
from newsletter.web.forms import LinkForm, PreferencesForm
from newsletter.web.page_context import _, clock, listed, ngettext, page_language, papers_a_day, prefer_language, services, week
from newsletter.web.public.inbox import open_here
from newsletter.web.reader.saved_query_fields import is_too_wide, may_follow, trials_of
from newsletter.web.security import LIMIT_LINK, LIMIT_TRY, client_network, limiter
from newsletter.web.time_zones import WELL_KNOWN, cities_by_part, city_of, current_name

pages = Blueprint("preferences", __name__)

# So much of what somebody said of papers stands on the page of their choices; a page of its own has the rest.
MOST_SAID = 5
# So many topics are named where the page says what the next mail is about.
MOST_NAMED = 4


@pages.get("/preferences/<token>")
def show(token: str) -> str:
    subscriber = subscriber_of(token)
    if subscriber.state not in SUBSCRIBED:
        return render_template("left.html")
    return _page(_form(subscriber, filled=False), subscriber, token=token)


@pages.post("/preferences/<token>")
def change(token: str) -> Response | tuple[str, int]:
    subscriber = subscriber_of(token)
    form_limits.take(services(), network=client_network(), reader=subscriber.link_key, now=clock())
    form = _form(subscriber, filled=True)
    if form.finding.data:
        return _page(form, subscriber, token=token), 200
    if not form.validate() or _is_too_wide(form, subscriber):
        return _page(form, subscriber, token=token), 400
    preferences.change(
        services(), subscriber.id, form.choices(), pause_until=form.pause_until.data, now=clock(), known=form.offered
    )
    return redirect(url_for("preferences.show", token=token, saved=1), code=303)


@pages.post("/preferences/<token>/try")
@limiter.limit(LIMIT_TRY)
def try_queries(token: str) -> str | tuple[str, int]:
    """What the queries, authors and words in the form would do; nothing is kept. The whole page, or its part for the script."""
    subscriber = subscriber_of(token)
    form = _form(subscriber, filled=True)
    valid = form.has_valid_queries()
    trials = trials_of(form.saved_queries()) if valid else []
    if request.headers.get("X-Part") == "trial":
        return render_template("_trial.html", form=form, trials=trials)
    return _page(form, subscriber, token=token, trials=trials), 200 if valid else 400


def _is_too_wide(form: PreferencesForm, subscriber: Subscriber) -> bool:
    """Whether a query that is new brings a large part of all papers; the form then says which one."""
    return is_too_wide(form.queries, [own for own in form.choices().own if own.kind is Kind.QUERY and own not in subscriber.own])


@pages.get("/link")
def ask() -> str:
    return render_template("link.html", form=LinkForm(formdata=None), sent=False, inbox=False)


@pages.post("/link")
@limiter.limit(LIMIT_LINK)
def send() -> str | tuple[str, int]:
    """Mails the link, and answers alike whether the address is known or not."""
    form = LinkForm()
    if not ask_for_link(Form.READERS_LINK, form):
        return render_template("link.html", form=form, sent=False, inbox=False), 400
    return render_template("link.html", form=form, sent=True, inbox=open_here())


def subscriber_of(token: str, purpose: LinkPurpose = LinkPurpose.PREFERENCES) -> Subscriber:
    """Whose link for ``purpose`` this is; the page then speaks their language. Raises InputError for one that does not hold."""
    the = services()
    with the.database.reading() as session:
        found = links.subscriber_by_link(session, the.signer, token, purpose, now=clock())
    prefer_language(found.language)
    return found


def _form(subscriber: Subscriber, *, filled: bool) -> PreferencesForm:
    today = clock().date()
    if filled:
        return PreferencesForm(today=today)
    values = {
        "topics": list(subscriber.topics),
        "language": subscriber.language,
        "hour": str(subscriber.hour),
        "timezone": current_name(subscriber.timezone),
        "max_papers": subscriber.max_papers,
        "pause_until": subscriber.paused_until if subscriber.paused_on(today) else None,
        "queries": _lines(subscriber, Kind.QUERY),
        "authors": _lines(subscriber, Kind.AUTHOR),
        "excluded": _lines(subscriber, Kind.EXCLUDE),
        "updates": subscriber.updates,
        "weekdays": list(map(str, subscriber.weekdays)),
        "layout": subscriber.layout.value,
        "weekly": subscriber.weekly,
        "reading_mail": subscriber.reading_mail,
    }
    return PreferencesForm(today=today, formdata=None, data=values)


def _lines(subscriber: Subscriber, kind: Kind) -> str:
    return "\n".join(written(own) for own in subscriber.own if own.kind is kind)


def _page(form: PreferencesForm, subscriber: Subscriber, *, token: str, trials: Sequence[Trial] = ()) -> str:
    now, signer = clock(), services().signer
    with services().database.reading() as session:
        said = opinions_store.opinions(session, subscriber.id, most=MOST_SAID)
        count = opinions_store.count(session, subscriber.id) if said else 0
        can_undo = is_undoable(session, subscriber.id, now=now)
        paused = subscriber.paused_on(now.date())
        coming = None if paused else next_mail(session, subscriber.id, now=now)
    return render_template(
        "preferences.html",
        form=form,
        kept=subscriber,
        said=said,
        count=count,
        token=token,
        feedback=links.beside(signer, token, subscriber, LinkPurpose.FEEDBACK, now=now),
        leaving=links.beside(signer, token, subscriber, LinkPurpose.UNSUBSCRIBE, now=now),
        daily=papers_a_day(),
        well_known=WELL_KNOWN,
        parts=cities_by_part(page_language().babel, now=now),
        zone=city_of(current_name(subscriber.timezone), page_language().babel),
        days=_days(subscriber),
        address=masked(subscriber.email),
        saved=request.method == "GET" and "saved" in request.args,
        undone=request.method == "GET" and "undone" in request.args,
        undoable=can_undo and request.method == "GET",
        paused=paused,
        paused_until=subscriber.paused_until if paused else None,
        next_mail=coming,
        follow=may_follow(request.args.getlist("follow"), subscriber.own) if request.method == "GET" else [],
        wishes=_wishes(subscriber),
        counts=Counter(own.kind.value for own in subscriber.own),
        least=LEAST_PAPERS,
        most=MOST_PAPERS,
        limits=MOST,
        longest=LONGEST,
        trials=trials,
    )


def _wishes(subscriber: Subscriber) -> str:
    """What a mail is about: the first topics by name, how many more there are, and how many saved queries that bring papers."""
    known, code = services().offered, page_language().code
    collection = {COLLECTION: section_name(COLLECTION, code)}
    names = [known[slug].name(code) if slug in known else collection.get(slug, slug) for slug in subscriber.topics]
    bring = sum(1 for own in subscriber.own if own.kind is not Kind.EXCLUDE)
    more = len(names) - MOST_NAMED
    told = names if more <= 1 else [*names[:MOST_NAMED], ngettext("%(num)s more topic", "%(num)s more topics", more)]
    queries = [ngettext("%(num)s saved query", "%(num)s saved queries", bring)] if bring else []
    return listed([*told, *queries])


def _days(subscriber: Subscriber) -> str:
    names = dict(week())
    if len(set(subscriber.weekdays)) == len(names):
        return _("every day")
    return listed([name for day, name in names.items() if int(day) in subscriber.weekdays])
