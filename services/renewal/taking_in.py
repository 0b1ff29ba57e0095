"""The desk takes in one stamped form that came by post: its scan, and when it came.

Dead before the save, nothing came in, and the repeat reads again (`scanned`); after it, the same scan of the
same day changes nothing.
"""

from dataclasses import dataclass

from services.renewal.desk import Asked, Desk
from services.renewal.domain.post import Post, check
from services.renewal.domain.refusal import Refused
from services.renewal.domain.renewal import PostedForm, Renewal
from services.renewal.scanned import Scanned, ScannedForm
from shared.calendar import civil_date


@dataclass(frozen=True, slots=True)
class TakingIn:
    desk: Desk
    scanned: Scanned

    async def take_in(self, asked: Asked, post: Post, upload: bytes) -> tuple[Renewal, ScannedForm]:
        """The renewal with the form received, and what was read. Where the code can't be read, the clerk's
        word counts for which form it is.

        Raises Refused: no such registration, none awaited, dates that can't be, a file that is no good or
        shows another form.
        """
        stored = await self.desk.renewals.load(asked.renewal_id)
        if stored is None:
            raise Refused("registration-unknown")
        renewal = stored.state
        check(post, civil_date(self.desk.clock.now(), renewal.registration.zone))
        form = await self.scanned.form_of(renewal, upload)
        posted = PostedForm(
            revision=renewal.form_revision,
            received_on=post.received_on,
            postmarked_on=post.postmarked_on,
            scan=await self.scanned.bound(renewal, form, "phieu-dong-dau"),
            entered_by=asked.who.sub,
        )
        return await self.desk.receive(asked, posted), form
