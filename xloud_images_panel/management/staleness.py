# SPDX-License-Identifier: Apache-2.0
"""The stale members of all images of the cloud."""

from xloud_images_panel.access import stale
from xloud_images_panel.access.model import Project, possible_project_ids
from xloud_images_panel.access.stale import Known
from xloud_images_panel.dashboard import naming, texts
from xloud_images_panel.dashboard.catalogue.stale_access import REASONS
from xloud_images_panel.management.operator import Operator
from xloud_images_panel.management.reports import Report, Status
from xloud_images_panel.services import existence, inventory


def show(operator: Operator, report: Report) -> Status:
    """Report each stale member and its reason as soon as it is found; nothing is removed.

    :returns: ``FAILED`` when an image or its members could not be read, or when Keystone did not
        say whether a project exists
    :raises ServiceError: when a service does not answer
    """
    glance, keystone = operator.glance(), operator.keystone()
    found: dict[str, Project] = {}
    missing: set[str] = set()
    status, read, count = Status.DONE, 0, 0
    for images, members in inventory.stream(glance):
        ids = {
            item
            for rows in members.rows.values()
            for row in rows
            for item in possible_project_ids(row.project_id)
        }
        known = existence.look_up(keystone, ids - found.keys() - missing)
        found |= known.found
        missing |= set(known.missing)
        unknown = ids - found.keys() - missing
        if unknown:
            status = Status.FAILED
            report.warning(f"Keystone did not tell whether {len(unknown)} projects exist.")
        labels = naming.labels_of(keystone, (found[item] for item in ids & found.keys()))
        for unread in members.unread:
            status = Status.FAILED
            report.warning(f"{unread.image_id} was not read: {texts.describe(unread.error)}")
        for image in images:
            rows = members.rows.get(image.id, ())
            for item in stale.find(image.owner, rows, Known(found, missing)):
                count += 1
                label = labels.get(item.member.project_id, "")
                report.stale(image, item, label, str(REASONS[item.kind]))
        read += len(images)
        report.progress("images", read)
    report.end_of_progress()
    if too_large := texts.too_large(glance.lists.passed_over):
        status = Status.FAILED
        report.warning(too_large)
    report.summary(f"{count} stale members in {read} images.", images=read, stale=count)
    return status
