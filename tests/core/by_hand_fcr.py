"""First-contact resolution, and whose interactions are whose. Calls and chats of ten minutes; repeats: in 7 days."""

from __future__ import annotations

from tests.core.by_hand import History

WORK = "handled talk=10m handle=10m ended"
CHAT = f"{WORK} closed_unanswered resolution=10m"

HISTORIES: dict[str, History] = {
    "after 6 d 23 h it is a repeat, after 7 d 1 h a first contact of its own": History(
        "phone",
        """
        2026-03-02 10:00:00 phone/1 answered anna customer=c
        2026-03-02 10:10:00 phone/1 ended customer
        2026-03-09 09:10:00 phone/2 answered anna customer=c
        2026-03-09 09:20:00 phone/2 ended customer
        2026-03-02 10:00:00 phone/3 answered bert customer=d
        2026-03-02 10:10:00 phone/3 ended customer
        2026-03-09 11:10:00 phone/4 answered bert customer=d
        2026-03-09 11:20:00 phone/4 ended customer
        """,
        f"""
        2026-03-02 10:00:00 *: started started identified identified
        2026-03-02 10:10:00 -: {WORK} {WORK}; *: first_contacts repeated_contacts first_contacts resolved_contacts
        2026-03-09 09:10:00 *: started identified repeats; -: repeats_caused
        2026-03-09 09:20:00 -: {WORK}
        2026-03-09 11:10:00 *: started identified
        2026-03-09 11:20:00 -: {WORK}; *: first_contacts resolved_contacts
        """,
        "-/anna -/anna -/bert -/bert",
    ),
    "an unknown reason matches any, though the known ones do not match each other": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=c reason=bill
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 chat/2 answered bert customer=c
        Tue 10:10:00 chat/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=c reason=fault
        Wed 10:10:00 phone/3 ended customer
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 chat *: started identified repeats; -: repeats_caused
        Tue 10:10:00 chat -: {CHAT}
        Wed 10:00:00 *: started identified repeats; chat -: repeats_caused
        Wed 10:10:00 -: {WORK}
        """,
        "-/anna -/anna -/bert",
    ),
    "two matters at once are two first contacts, and who comes back for one was helped with the other": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=c reason=bill queue=sales
        Mon 10:00:00 phone/2 answered bert customer=c reason=fault queue=support
        Mon 10:10:00 phone/1 ended customer
        Mon 10:10:00 phone/2 ended customer
        Tue 10:00:00 phone/3 answered anna customer=c reason=fault queue=sales
        Tue 10:10:00 phone/3 ended customer
        """,
        f"""
        Mon 10:00:00 *: started started identified identified
        Mon 10:10:00 sales: {WORK}; support: {WORK}
        Mon 10:10:00 *: first_contacts resolved_contacts first_contacts repeated_contacts
        Tue 10:00:00 *: started identified repeats; support: repeats_caused
        Tue 10:10:00 sales: {WORK}
        """,
        "sales/anna sales/anna support/bert",
    ),
    "a repeat flips its first contact when it starts, and an abandoned one is as good as any": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=c queue=sales
        Mon 10:10:00 phone/1 ended customer
        Mon 11:00:00 email/2 started customer=c
        Tue 10:00:00 phone/3 answered anna customer=d queue=sales
        Tue 10:10:00 phone/3 ended customer
        Tue 11:00:00 phone/4 queued support customer=d
        Tue 11:00:30 phone/4 abandoned
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 sales: {WORK}; *: first_contacts repeated_contacts
        Mon 11:00:00 email *: started identified repeats; sales: repeats_caused
        Tue 10:00:00 *: started identified
        Tue 10:10:00 sales: {WORK}; *: first_contacts repeated_contacts
        Tue 11:00:00 *: started offered identified repeats; sales: repeats_caused; support: offered
        Tue 11:00:30 support: abandoned ended; *: lost
        """,
        "sales/anna sales/anna support/-",
    ),
    "who comes a third time comes back for the second time's queue": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=c queue=sales
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 chat/2 answered bert customer=c queue=chats
        Tue 10:10:00 chat/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=c queue=sales
        Wed 10:10:00 phone/3 ended customer
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 sales: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 chat *: started identified repeats; sales: repeats_caused
        Tue 10:10:00 chat chats: {CHAT}
        Wed 10:00:00 *: started identified repeats; chat chats: repeats_caused
        Wed 10:10:00 sales: {WORK}
        """,
        "chats/bert sales/anna sales/anna",
    ),
    "a thread that is opened again in the window was not resolved, one that is opened later was": History(
        "phone",
        """
        2026-03-02 10:00:00 phone/1 answered anna customer=c
        2026-03-02 10:10:00 phone/1 ended customer
        2026-03-09 10:10:00 phone/1 reopened
        2026-03-02 10:00:00 phone/2 answered bert customer=d
        2026-03-02 10:10:00 phone/2 ended customer
        2026-03-09 10:10:00.001 phone/2 reopened
        """,
        f"""
        2026-03-02 10:00:00 *: started started identified identified
        2026-03-02 10:10:00 -: {WORK} {WORK}; *: first_contacts repeated_contacts first_contacts resolved_contacts
        2026-03-09 10:10:00 -: reopened
        2026-03-09 10:10:00.001 -: reopened
        """,
        "-/anna -/bert",
    ),
    "identified only at the end, it has been the customer's from its start": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=c
        Tue 10:10:00 phone/2 ended customer
        Wed 10:00:00 phone/1 updated customer=c
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 *: started identified repeats; -: repeats_caused
        Tue 10:10:00 -: {WORK}
        """,
        "-/anna -/anna",
    ),
    "an alias is the customer's for all history, claimed before or after": History(
        "phone",
        """
        Mon 09:00:00 customer/c identified tel:1
        Mon 10:00:00 phone/1 answered anna customer=tel:1
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 chat/2 answered bert customer=mailto:1
        Tue 10:10:00 chat/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=c
        Wed 10:10:00 phone/3 ended customer
        Thu 09:00:00 customer/c identified mailto:1
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 chat *: started identified repeats; -: repeats_caused
        Tue 10:10:00 chat -: {CHAT}
        Wed 10:00:00 *: started identified repeats; chat -: repeats_caused
        Wed 10:10:00 -: {WORK}
        """,
        "-/anna -/anna -/bert",
    ),
    "nobody claims it: an alias is a customer": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=tel:1
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=tel:1
        Tue 10:10:00 phone/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=c
        Wed 10:10:00 phone/3 ended customer
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 *: started identified repeats; -: repeats_caused
        Tue 10:10:00 -: {WORK}
        Wed 10:00:00 *: started identified
        Wed 10:10:00 -: {WORK}; *: first_contacts resolved_contacts
        """,
        "-/anna -/anna -/anna",
    ),
    "the latest who claims an alias holds it, from the beginning": History(
        "phone",
        """
        Mon 09:00:00 customer/c identified tel:1
        Mon 10:00:00 phone/1 answered anna customer=tel:1
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=c
        Tue 10:10:00 phone/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=d
        Wed 10:10:00 phone/3 ended customer
        Thu 09:00:00 customer/d identified tel:1
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 *: started identified
        Tue 10:10:00 -: {WORK}; *: first_contacts resolved_contacts
        Wed 10:00:00 *: started identified repeats; -: repeats_caused
        Wed 10:10:00 -: {WORK}
        """,
        "-/anna -/anna -/anna",
    ),
    "an identity that is corrected to another alias disowns the first": History(
        "phone",
        """
        Mon 09:00:00 customer/c identified tel:1 id=x
        Mon 10:00:00 phone/1 answered anna customer=tel:1
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=c
        Tue 10:10:00 phone/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=tel:2
        Wed 10:10:00 phone/3 ended customer
        Mon 09:00:00 customer/c identified tel:2 id=x revision=1
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts resolved_contacts
        Tue 10:00:00 *: started identified
        Tue 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Wed 10:00:00 *: started identified repeats; -: repeats_caused
        Wed 10:10:00 -: {WORK}
        """,
        "-/anna -/anna -/anna",
    ),
    "two customers who prove to be one are one, but for the second one's aliases: there are no chains": History(
        "phone",
        """
        Mon 08:00:00 customer/d identified tel:1
        Mon 10:00:00 phone/1 answered anna customer=c
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=d
        Tue 10:10:00 phone/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=tel:1
        Wed 10:10:00 phone/3 ended customer
        Thu 09:00:00 customer/c identified d
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 *: started identified repeats; -: repeats_caused
        Tue 10:10:00 -: {WORK}
        Wed 10:00:00 *: started identified
        Wed 10:10:00 -: {WORK}; *: first_contacts resolved_contacts
        """,
        "-/anna -/anna -/anna",
    ),
    "two customers who prove to be one are one with all their aliases, when these are claimed again": History(
        "phone",
        """
        Mon 08:00:00 customer/d identified tel:1
        Mon 10:00:00 phone/1 answered anna customer=c
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=d
        Tue 10:10:00 phone/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=tel:1
        Wed 10:10:00 phone/3 ended customer
        Thu 09:00:00 customer/c identified d tel:1
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 *: started identified repeats; -: repeats_caused
        Tue 10:10:00 -: {WORK}
        Wed 10:00:00 *: started identified repeats; -: repeats_caused
        Wed 10:10:00 -: {WORK}
        """,
        "-/anna -/anna -/anna",
    ),
    "two who claim each other have each other's past, and nothing goes round and round": History(
        "phone",
        """
        Mon 08:00:00 customer/d identified c
        Mon 08:00:00 customer/c identified d
        Mon 10:00:00 phone/1 answered anna customer=c
        Mon 10:10:00 phone/1 ended customer
        Mon 11:00:00 phone/1 updated customer=d
        Tue 10:00:00 phone/2 answered anna customer=c
        Tue 10:10:00 phone/2 ended customer
        Wed 10:00:00 phone/3 answered anna customer=d
        Wed 10:10:00 phone/3 ended customer
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts repeated_contacts
        Tue 10:00:00 *: started identified
        Tue 10:10:00 -: {WORK}; *: first_contacts resolved_contacts
        Wed 10:00:00 *: started identified repeats; -: repeats_caused
        Wed 10:10:00 -: {WORK}
        """,
        "-/anna -/anna -/anna",
    ),
    "who claims their own name takes it back from whoever had claimed it": History(
        "phone",
        """
        Mon 08:00:00 customer/d identified c
        Mon 09:00:00 customer/c identified c
        Mon 10:00:00 phone/1 answered anna customer=c
        Mon 10:10:00 phone/1 ended customer
        Tue 10:00:00 phone/2 answered anna customer=d
        Tue 10:10:00 phone/2 ended customer
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK}; *: first_contacts resolved_contacts
        Tue 10:00:00 *: started identified
        Tue 10:10:00 -: {WORK}; *: first_contacts resolved_contacts
        """,
        "-/anna -/anna",
    ),
    "who answers that it was not resolved is believed, though nobody came back": History(
        "phone",
        """
        Mon 10:00:00 answered anna customer=c
        Mon 10:10:00 ended customer resolved=yes
        Mon 12:00:00 customer/c asked phone/1 resolved=no
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK} resolved_known resolved; *: first_contacts
        """,
        "-/anna",
    ),
    "who answers that it was resolved is believed, though they came back, which is counted all the same": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=c
        Mon 10:10:00 phone/1 ended customer resolved=no
        Tue 10:00:00 phone/2 answered anna customer=c
        Tue 10:10:00 phone/2 ended customer
        Wed 12:00:00 customer/c asked phone/1 resolved=yes
        Wed 12:00:00 customer/c asked phone/2 resolved=no
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK} resolved_known; *: first_contacts resolved_contacts repeated_contacts
        Tue 10:00:00 *: started identified repeats; -: repeats_caused
        Tue 10:10:00 -: {WORK}
        """,
        "-/anna -/anna",
    ),
    "of two answers the later one counts; without a channel it is about any interaction with that id": History(
        "phone",
        """
        Mon 10:00:00 phone/1 answered anna customer=tel:1
        Mon 10:10:00 phone/1 ended customer resolved=no
        Mon 12:00:00 customer/c asked phone/1 resolved=no
        Mon 13:00:00 customer/tel:1 asked 1 resolved=yes
        Mon 14:00:00 customer/c asked phone/1
        Mon 15:00:00 customer/c asked chat/1 resolved=no
        Mon 16:00:00 customer/d asked phone/1 resolved=no
        Mon 17:00:00 customer/c identified tel:1
        """,
        f"""
        Mon 10:00:00 *: started identified
        Mon 10:10:00 -: {WORK} resolved_known; *: first_contacts resolved_contacts
        """,
        "-/anna",
    ),
}
