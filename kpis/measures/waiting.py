"""Indicators that wait for a record this product does not keep yet."""

from django.utils.translation import gettext_lazy as _

from kpis.engine import waits

waits(_("second looks at audited items, by somebody else"), "P03.R3.K2")
waits(_("the yearly analysis of availability"), "P06.R1.K1")
waits(_("exercises of disaster recovery and recovery plans"), "P07.R1.K1", "P07.R2.K1", "P07.R2.K2")
waits(_("the yearly analysis of continuity"), "P07.R1.K2")
waits(_("disasters and their reports"), "P07.R2.K3", "P07.R2.K4", "P07.R3.K2")
waits(_("who takes part in exercises of disaster recovery"), "P07.R3.K1")
waits(_("capacity plans with forecasts"), "P08.R1.K2")
waits(_("the risk register"), "P09.R1.K1")
waits(_("a schedule of security records"), "P09.R1.K3")
waits(_("budgets and booked costs"), "P13.R1.K1", "P14.R1.K1", "X41", "X42")
waits(_("internal audits"), "P16.R1.K1", "P16.R1.K2")
waits(_("external audits"), "P17.R1.K1")
waits(_("the yearly plan and report of the management system"), "P17.R1.K2")
waits(_("costs and benefits of improvements"), "X31", "X32", "X33")
waits(_("posts with head-counts and job descriptions"), "X55", "X56")
waits(_("posts with backup persons"), "X57")
