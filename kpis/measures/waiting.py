"""Indicators that wait for a record this product does not keep yet."""

from django.utils.translation import gettext_lazy as _

from kpis.engine import waits

waits(
    _("service reports of each process, with their due dates"),
    "P01.R1.K5", "P01.R1.K6", "P02.R1.K6", "P03.R1.K3", "P04.R1.K5", "P05.R1.K4", "P06.R1.K2", "P06.R2.K2",
    "P07.R1.K3", "P08.R1.K1", "P08.R2.K2", "P09.R1.K4", "P10.R1.K4", "P11.R1.K5", "P13.R1.K2",
)  # fmt: skip
waits(_("sales staff as a role of their own"), "P01.R5.K1")
waits(_("audits of audits: items checked again"), "P03.R3.K2")
waits(_("releases that are asked for and accepted"), "P05.R1.K1")
waits(_("analyses of availability"), "P06.R1.K1")
waits(_("monitoring records that are expected at a time"), "P06.R2.K1", "P08.R2.K1")
waits(
    _("continuity plans, exercises and disasters"),
    "P07.R1.K1", "P07.R1.K2", "P07.R2.K1", "P07.R2.K2", "P07.R2.K3", "P07.R2.K4", "P07.R3.K1", "P07.R3.K2",
)  # fmt: skip
waits(_("capacity plans with forecasts"), "P08.R1.K2")
waits(_("risks and security records"), "P09.R1.K1", "P09.R1.K2", "P09.R1.K3")
waits(_("budgets and booked costs"), "P13.R1.K1", "P14.R1.K1", "X41", "X42")
waits(_("internal and external audits"), "P16.R1.K1", "P16.R1.K2", "P17.R1.K1")
waits(_("the yearly plan and report of the management system"), "P17.R1.K2")
waits(_("costs and benefits of improvements"), "X31", "X32", "X33")
waits(_("posts, job descriptions and backup persons"), "X55", "X56", "X57")
