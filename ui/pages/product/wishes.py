"""What the sheets of the page ask for, as commands."""

from __future__ import annotations

from exomonitor.registry.shelf import EnterCertificate, PrepareBag
from exomonitor.session.commands import Command
from ui.pages.product.bag_panel import BagDraft
from ui.pages.product.certificate_panel import CertificatePanel
from ui.pages.product.label_panel import LabelPanel

By = tuple[str, str]
"""The chair, and who is at work."""


def certificate_command(by: By, sheet: LabelPanel, panel: CertificatePanel, proof: str) -> Command:
    """A lot with its certificate, from two sheets that have been checked."""
    cell = sheet.source_cell()
    assert cell is not None  # the sheet has been checked
    return EnterCertificate(
        *by,
        source_cell=cell,
        certificate=panel.certificate(),
        lot=sheet.lot.text(),
        expiry=sheet.expiry.text(),
        gtin=sheet.gtin.text(),
        raw=sheet.raw,
        receipt=sheet.receipt(),
        instrument=sheet.instrument.text(),
        count_date=sheet.counted.text(),
        reason=panel.reason.text() if panel.is_again() else "",
        proof=proof,
    )


def bag_command(by: By, lot: str, draft: BagDraft, proof: str) -> Command:
    """A bag of that lot, as entered."""
    return PrepareBag(
        *by,
        lot=lot,
        product_ml=draft.product_ml,
        volume_ml=draft.volume_ml,
        thaw=draft.thaw,
        serial=draft.serial,
        raw=draft.raw,
        diluent=draft.diluent,
        diluent_lot=draft.diluent_lot,
        labelled=draft.labelled,
        label_patient=draft.patient,
        reason=draft.reason,
        proof=proof,
    )
