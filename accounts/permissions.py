"""Who may do what: the table of role x action, in one place. Read by accounts.access alone. PURE."""

from collections.abc import Mapping

from accounts.roles import NARROW_ROLES, STAFF_ROLES, Reach, Role

Rules = Mapping[Role, Reach]
_DESK: Rules = {
    Role.ADMINISTRATOR: Reach.SCOPE,
    Role.MANAGER: Reach.SCOPE,
    Role.SERVICE_LEVEL_MANAGER: Reach.SCOPE,
    Role.AGENT: Reach.SCOPE,
    Role.INTEGRATION: Reach.SCOPE,
    Role.SYSTEM: Reach.SCOPE,
}
_CUSTOMERS: Rules = {Role.CUSTOMER: Reach.OWN, Role.CUSTOMER_MANAGER: Reach.ORGANISATION}
_CONTACTS: Rules = {Role.CUSTOMER_MANAGER: Reach.ORGANISATION}
_EVERYONE: Rules = {**_DESK, **_CUSTOMERS}
_MANAGERS: Rules = {
    Role.ADMINISTRATOR: Reach.ANYTHING,
    Role.MANAGER: Reach.ANYTHING,
    Role.SERVICE_LEVEL_MANAGER: Reach.ANYTHING,
}

_LEADERS: Rules = {
    Role.ADMINISTRATOR: Reach.SCOPE,
    Role.MANAGER: Reach.SCOPE,
    Role.SERVICE_LEVEL_MANAGER: Reach.SCOPE,
    Role.SYSTEM: Reach.SCOPE,
}

_STAFF: Rules = dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE)
_PARTY: Rules = {**_LEADERS, **_CONTACTS}
_SYSTEM: Rules = {Role.SYSTEM: Reach.SCOPE}
_ASKED: Rules = {**_DESK, Role.CUSTOMER: Reach.ORGANISATION, Role.CUSTOMER_MANAGER: Reach.ORGANISATION}

RULES: Mapping[str, Rules] = {
    # opening for one's own organisation; the desk for any organisation in scope
    "open": {**_DESK, Role.CUSTOMER: Reach.ORGANISATION, Role.CUSTOMER_MANAGER: Reach.ORGANISATION},
    "reply": _EVERYONE,
    "attach": _EVERYONE,
    "confirm": _EVERYONE,
    "reopen": _EVERYONE,
    "note": _DESK,
    "edit": _DESK,
    "assign": _DESK,
    "accept": _DESK,
    "start": _DESK,
    "hold": _DESK,
    "resume": _DESK,
    "arrive": _DESK,
    "restore": _DESK,
    "tell": _DESK,
    "urge": _EVERYONE,
    "inform_management": _DESK,
    # major incidents: declared and led by the staff, called off and closed by managers
    **dict.fromkeys(("declare", "lead_major", "stand_down"), dict.fromkeys(STAFF_ROLES, Reach.SCOPE)),
    **dict.fromkeys(("downgrade", "wrap_up"), _LEADERS),
    # announcements: the original is the provider's, so written by who covers all customers
    **dict.fromkeys(
        ("announce", "announce_more", "announce_end", "announce_discard"),
        dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    ),
    "write_announcement": {
        **dict.fromkeys(STAFF_ROLES, Reach.EVERYWHERE),
        Role.SYSTEM: Reach.ANYTHING,
    },
    "take_part": _DESK,
    "watch": dict.fromkeys(STAFF_ROLES, Reach.SCOPE),
    "supplier_replied": _DESK,
    "ask_exclusion": _DESK,
    "decide_exclusion": _LEADERS,
    "resolve": _DESK,
    "close": _DESK,
    "cancel": _DESK,
    "escalate": _DESK,
    "link": _DESK,
    "view_internal": _DESK,
    "explain_breach": _DESK,
    # requests: approved by who is asked (fulfilment.approvals), quoted by the desk, accepted by the contact
    **dict.fromkeys(("fulfil", "refuse", "charge", "quote", "work_task", "keep_right"), _DESK),
    **dict.fromkeys(("ask_approval", "release"), _SYSTEM),
    **dict.fromkeys(("decide_approval", "reject"), _ASKED),
    **dict.fromkeys(("name_approver", "accept_quote", "decline_quote"), _PARTY),
    "take_back": _CUSTOMERS,
    # agreements: made by managers; who may decide on whose draft is for agreements.services (four eyes)
    **dict.fromkeys(
        (
            "revise",
            "submit",
            "check_legality",
            "offer",
            "return",
            "excuse",
            "activate",
            "withdraw",
            "terminate",
            "renew",
            "keep_file",
            "name_keeper",
            "call_off_end",
            "supersede",
            "expire",
            "follow_up",
            "answer_remark",
        ),
        _LEADERS,
    ),
    # the other party's word: by its own contact in the portal, or recorded by a manager
    **dict.fromkeys(("agree", "sign"), _PARTY),
    **dict.fromkeys(("remark", "ask_changes"), _CONTACTS),
    # whoever was asked to review, of any department (agreements.services)
    "countersign": dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    # follow-up work: done by who is responsible (actions.services), led by managers
    "finish": _DESK,
    **dict.fromkeys(
        ("confirm_effect", "redo", "call_off", "postpone", "approve", "begin", "conclude"), _LEADERS
    ),
    # review meetings: led by managers; who takes part for the customer may say how satisfied they are
    **dict.fromkeys(("prepare", "record_meeting", "send_minutes", "grade"), _LEADERS),
    "rate": {**_LEADERS, Role.CUSTOMER: Reach.ORGANISATION, Role.CUSTOMER_MANAGER: Reach.ORGANISATION},
    # service reports: written and sent by managers; who wrote one does not approve it (servicereports)
    **dict.fromkeys(("comment", "publish", "restate"), _LEADERS),
    # what comes before an agreement: defined and designed by managers, checked by the service level manager
    "add_input": _DESK,
    **dict.fromkeys(
        (
            "define",
            "amend",
            "fix_baseline",
            "write_design",
            "approve_design",
            "plan_service",
            "make_agreement",
            "decline",
        ),
        _LEADERS,
    ),
    "check_planning": {Role.SERVICE_LEVEL_MANAGER: Reach.SCOPE},
    # what customers say about us: the desk works on it, leaders judge people and read opinions; the customer
    # alone says how content they are (customers)
    **dict.fromkeys(("acknowledge", "judge", "answer", "handle"), _DESK),
    "retract": _EVERYONE,
    "rate_outcome": _CUSTOMERS,
    # on-site work: planned by the desk, done by people; the customer agrees, or asks for another time
    "plan_visit": _DESK,
    "work_visit": dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    "agree_visit": _EVERYONE,
    "ask_visit": _CUSTOMERS,
    "see_dispatch": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    # problems: raised by whoever works here, decided and reopened by managers, worked on by the staff (who
    # may close one: problems.services); known errors are the provider's own, matched at the tickets in scope
    **dict.fromkeys(
        ("raise_problem", "write_known_error", "end_known_error", "renew_known_error", "drop_known_error"),
        dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    ),
    **dict.fromkeys(("accept_problem", "reject_problem", "assign_expert", "reopen_problem"), _LEADERS),
    **dict.fromkeys(("judge_recurrence", "send_notice"), _LEADERS),
    **dict.fromkeys(("analyse_problem", "begin_solution", "resume_analysis", "verify_solution"), _STAFF),
    **dict.fromkeys(("solve_problem", "settle_problem", "close_problem", "answer_notice"), _STAFF),
    "match_known_error": _DESK,
    "judge_candidates": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # by telephone: somebody of the provider's people, never a program, and never who is assessed
    **dict.fromkeys(("collect_answer", "call_back"), dict.fromkeys(STAFF_ROLES, Reach.SCOPE)),
    "judge_staff": _LEADERS,
    # services brought in, changed and taken out: worked on by the staff, decided and signed for by leaders
    "work_transition": dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    **dict.fromkeys(
        (
            "settle_design",
            "begin_switch",
            "go_live",
            "take_out",
            "step_back",
            "end_watch",
            "abandon",
            "exempt_gate",
            "settle_use",
            "give_notice",
            "sign_checklist",
        ),
        _LEADERS,
    ),
    "lead_transitions": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # releases: worked on by the staff; what is ready, deployed, backed out and reviewed is for leaders, and
    # for whoever was named to decide (releases.services)
    "work_release": dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    **dict.fromkeys(
        (
            "make_ready",
            "replan",
            "deploy",
            "put_in_service",
            "back_out",
            "give_up",
            "end_monitoring",
            "hand_in_report",
            "return_report",
            "review_report",
            "call_off_release",
        ),
        _LEADERS,
    ),
    "decide_release": dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    "lead_releases": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # acts without a record
    # changes: asked for and worked on by the desk side; accepted, put up, exempted, reviewed and closed by
    # leaders; whose approval is asked, and never for one's own change, is for changes.deciding
    "raise_change": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    **dict.fromkeys(
        (
            "submit_change",
            "take_standard",
            "work_change",
            "begin_change",
            "complete_change",
            "cancel_change",
            "verify_change",
        ),
        _DESK,
    ),
    "decide_change": dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    **dict.fromkeys(
        (
            "accept_change",
            "return_change",
            "put_up_change",
            "refuse_change",
            "authorise_change",
            "exempt_change",
            "review_change",
            "close_change",
        ),
        _LEADERS,
    ),
    **dict.fromkeys(("approve_change", "reapprove_change", "reauthorise_change"), _SYSTEM),
    # models of standard changes and the risk questions are for all customers
    "lead_changes": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    "report_unauthorised": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    "settle_unauthorised": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # assets: kept by the desk; disposals and sites are decided by another leader than who asked
    # (assets.applications); plans of upkeep and sites are of all customers
    "keep_assets": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    "ask_for_site": dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.ANYTHING),
    "approve_disposal": _MANAGERS,
    "lead_licences": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    "lead_maintenance": {**dict.fromkeys(_MANAGERS, Reach.EVERYWHERE), Role.SYSTEM: Reach.ANYTHING},
    "lead_sites": {**dict.fromkeys(_MANAGERS, Reach.EVERYWHERE), Role.SYSTEM: Reach.ANYTHING},
    "desk": dict.fromkeys(STAFF_ROLES, Reach.ANYTHING),
    "portal": {Role.CUSTOMER: Reach.ANYTHING, Role.CUSTOMER_MANAGER: Reach.ANYTHING},
    # a supplier's people: their own pages only, which look up what is in their supplier's hands
    "supply": {Role.SUPPLIER: Reach.ANYTHING},
    "api": dict.fromkeys((role for role in Role if role not in NARROW_ROLES), Reach.ANYTHING),
    "directory": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    # saved views of the queue: one's own by all who work there; a team's by its leads too (records.saved)
    "save_view": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION), Reach.ANYTHING),
    "share_view": _MANAGERS,
    "dashboard": _MANAGERS,
    "draft_agreement": _MANAGERS,
    # the catalogue: all the staff read it; who decides on whose proposal is for catalog.services (four eyes)
    "catalogue": dict.fromkeys(STAFF_ROLES, Reach.ANYTHING),
    "catalogue_propose": _MANAGERS,
    "catalogue_decide": _MANAGERS,
    "catalogue_publish": _MANAGERS,
    "catalogue_withdraw": _MANAGERS,
    "design_offerings": _MANAGERS,
    "open_action": {**dict.fromkeys(STAFF_ROLES, Reach.ANYTHING), Role.SYSTEM: Reach.ANYTHING},
    "raise_need": {**_MANAGERS, Role.CUSTOMER_MANAGER: Reach.ANYTHING},
    "lead_planning": _MANAGERS,
    "lead_reviews": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # what we agree with suppliers concerns every customer
    "lead_suppliers": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    # buying (who approves, and how many: sourcing.purchases), and what was wrong with it, told at a ticket
    **dict.fromkeys(("ask_purchase", "drop_purchase", "accept_goods", "reject_goods"), _STAFF),
    **dict.fromkeys(("grant_purchase", "refuse_purchase", "run_purchase", "place_order"), _LEADERS),
    **dict.fromkeys(("await_goods", "settle_goods", "pass_defect"), _LEADERS),
    **dict.fromkeys(("raise_defect", "answer_defect", "tell_supplier"), _DESK),
    "lead_reports": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # the desk's account of itself: who writes it and who answers for the supervisory body, and who approves
    # and shows a report on a customer, is for servicereports.assessments and .relations (people by name)
    "lead_assessments": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    **dict.fromkeys(
        ("judge_indicator", "hand_in", "send_back", "endorse", "appraise", "present"),
        dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    ),
    "lead_actions": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # the knowledge base is the provider's own: all staff write, leaders publish, but never their own words
    # (knowledge.services); it is searched and used for a ticket by whoever works on tickets
    **dict.fromkeys(
        ("write_article", "send_draft", "send_revision", "begin_revision", "drop_revision", "check_article"),
        dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    ),
    **dict.fromkeys(
        ("publish_article", "return_draft", "return_revision", "retire", "give_article", "lead_knowledge"),
        _MANAGERS,
    ),
    **dict.fromkeys(("search_knowledge", "use_article"), _DESK),
    "vote_article": dict.fromkeys((*STAFF_ROLES, Role.CUSTOMER, Role.CUSTOMER_MANAGER), Reach.ANYTHING),
    "lead_customers": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # the roster: read by all the staff and programs, written by managers; what is handed over and logged, and
    # whom one asks to swap, is the business of whoever works there
    "publish_workload": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    "see_roster": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    "lead_roster": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    **dict.fromkeys(("hand_over", "keep_log", "swap_duty"), dict.fromkeys(STAFF_ROLES, Reach.ANYTHING)),
    # what monitoring reports: by its account; kept by the desk, led by managers of all customers
    "report_alerts": {Role.INTEGRATION: Reach.ANYTHING, Role.SYSTEM: Reach.ANYTHING},
    "see_alerts": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    "lead_monitoring": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    # who outside is told what: of all customers
    "lead_outbound": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    # automation: all at the desk have macros and texts; what is shared, rules and schedules are managers'
    "use_automation": dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.ANYTHING),
    "lead_automation": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # recurring work: an extra run asked for, a run's findings recorded, at customers one works for
    **dict.fromkeys(("trigger_run", "record_findings"), _DESK),
    # the register of configuration items: read by the staff; facts by leaders and programs (and by an item's
    # owner, cmdb.control), controlled ones with an approved change by who carries it out; types are shared
    "see_items": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    "add_item": {**_LEADERS, Role.INTEGRATION: Reach.SCOPE},
    "alter_item": {**_LEADERS, Role.INTEGRATION: Reach.SCOPE},
    "lead_items": _LEADERS,
    "implement_item": _DESK,
    "design_items": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    # the register checked: tables brought in line by line, each by the register's own permissions; pictures
    # of it and audits asked for by managers; an audit is made by its auditor (verifications.audits)
    "import_items": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION), Reach.ANYTHING),
    "see_item_imports": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    "take_baseline": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    "lead_item_audits": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    **dict.fromkeys(
        ("draw_sample", "check_item", "conclude_audit"),
        dict.fromkeys((*STAFF_ROLES, Role.SYSTEM), Reach.SCOPE),
    ),
    **dict.fromkeys(("plan_item_audit", "approve_audit", "return_audit", "call_off_audit"), _LEADERS),
    # telephone calls: stored and read by the desk and by the exchange's account
    "keep_calls": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    # what services are measured at: outages by the whole desk, the rest by managers and programs
    "record_outage": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    "decide_outage": _MANAGERS,
    "plan_interruption": {**_MANAGERS, Role.INTEGRATION: Reach.ANYTHING, Role.SYSTEM: Reach.ANYTHING},
    "deliver_values": {**_MANAGERS, Role.INTEGRATION: Reach.ANYTHING, Role.SYSTEM: Reach.ANYTHING},
    "keep_credits": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # a calendar is shared by all customers, so it is for those who cover all of them
    "calendar": {
        Role.ADMINISTRATOR: Reach.EVERYWHERE,
        Role.MANAGER: Reach.EVERYWHERE,
        Role.SERVICE_LEVEL_MANAGER: Reach.EVERYWHERE,
        Role.SYSTEM: Reach.ANYTHING,
    },
    # freezes and maintenance windows hold for all customers' changes
    "see_windows": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    "lead_windows": {**dict.fromkeys(_MANAGERS, Reach.EVERYWHERE), Role.SYSTEM: Reach.ANYTHING},
    # the board of changes: called by managers, voted in by who was invited, ruled on by its chair (boards)
    "lead_boards": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    "vote": dict.fromkeys(STAFF_ROLES, Reach.SCOPE),
    **dict.fromkeys(("rule", "end_session"), _LEADERS),
    # reports of processes: who writes, approves and checks each is named (processreports.services)
    **dict.fromkeys(
        (
            "word_report",
            "turn_back_report",
            "approve_report",
            "publish_report",
            "issue_report",
            "drop_report",
            "restate_report",
            "check_report",
        ),
        _STAFF,
    ),
    "lead_process_reports": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    # indicators: confirmed by who fills the role that checks them (kpis.closing), led by managers of all
    "confirm_kpi": dict.fromkeys(STAFF_ROLES, Reach.ANYTHING),
    "lead_kpis": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    # questions of one's own: asked by all the staff, each within what he sees; shared ones led by managers
    "ask_questions": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION, Role.SYSTEM), Reach.ANYTHING),
    "lead_questions": {**_MANAGERS, Role.SYSTEM: Reach.ANYTHING},
    "simulate": {**_MANAGERS, Role.AGENT: Reach.ANYTHING, Role.INTEGRATION: Reach.ANYTHING},
    # many tickets at once: each by its own permission; managers of all customers see who changed what
    "bulk_edit": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION), Reach.ANYTHING),
    "see_bulk_edits": dict.fromkeys(_MANAGERS, Reach.EVERYWHERE),
    # a list as a file; which rows it holds is asked anew while it is made (exports)
    "export": dict.fromkeys(
        (*STAFF_ROLES, Role.INTEGRATION, Role.CUSTOMER, Role.CUSTOMER_MANAGER), Reach.ANYTHING
    ),
    "desk_lists": dict.fromkeys((*STAFF_ROLES, Role.INTEGRATION), Reach.ANYTHING),
    # mail that was put aside: what becomes of it
    "sort_mail": dict.fromkeys(STAFF_ROLES, Reach.ANYTHING),
    "administer": {Role.ADMINISTRATOR: Reach.EVERYWHERE},
}
