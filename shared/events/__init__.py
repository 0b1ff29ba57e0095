"""The public contract: one frozen model an event, one file a producer, found by its CloudEvents type."""

from shared.events import notifier, platform, renewal, signing, subscription
from shared.events.base import Event

CATALOGUE: dict[str, type[Event]] = {
    event.TYPE: event
    for event in (
        subscription.SubscriptionRecorded,
        subscription.SubscriptionAdopted,
        subscription.SubscriptionExpiring,
        subscription.AccessLocked,
        subscription.SubscriptionTerminated,
        subscription.SubscriptionRenewed,
        subscription.AccessRestored,
        subscription.ContractWithheld,
        subscription.AccessHeld,
        subscription.AccessDecided,
        subscription.DataDeletionRequested,
        subscription.DataDeletionCancelled,
        subscription.DataRecoveryRequested,
        renewal.RenewalRegistered,
        renewal.FormReissued,
        renewal.TermConfirmed,
        renewal.RenewalAccepted,
        renewal.RenewalRefused,
        renewal.RenewalCancelled,
        renewal.SendingChanged,
        renewal.PaperCopyUploaded,
        renewal.PaperCopyRefused,
        renewal.FormSignatureAwaited,
        renewal.PaperFormAwaited,
        renewal.PaperFormReceived,
        renewal.PaperFormReturned,
        renewal.PaperFormAccepted,
        renewal.DataRecoveryAsked,
        renewal.NoticeGivenByDesk,
        renewal.HeldDateConfirmed,
        renewal.ContractPrepared,
        renewal.ContractVoided,
        renewal.RenewerNamed,
        renewal.RenewerWithdrawn,
        signing.FormSigned,
        signing.ContractIssued,
        signing.SealFailed,
        signing.SealChecked,
        signing.SigningSuperseded,
        notifier.NoticeDelivered,
        notifier.NoticeFailed,
        platform.DataDeleted,
        platform.DataRecoveryAnswered,
        platform.UsageReported,
    )
}
