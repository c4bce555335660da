"""Who gets what answer at every address: a new address that is not in this table fails the build.

A row gives, for each person, the status of GET and of an empty POST. rita reported the ticket in question,
carla is her organisation's contact; charlie belongs to another one and must not learn that it exists.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from records import services
from tests.cast import MONDAY, Cast, make_incident

PEOPLE = ("nobody", "alice", "mona", "admin", "robot", "rita", "carla", "charlie")
TABLE = """
healthz                                503/405 503/405 503/405 503/405 503/405 503/405 503/405 503/405
set_language                           405/302 405/302 405/302 405/302 405/302 405/302 405/302 405/302
javascript-catalog                     200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
accounts:login                         200/422 302/422 302/422 302/422 302/422 302/422 302/422 302/422
accounts:logout                        405/302 405/302 405/302 405/302 405/302 405/302 405/302 405/302
accounts:password                      302/302 200/422 200/422 200/422 200/422 200/422 200/422 200/422
accounts:password_done                 302/302 200/405 200/405 200/405 200/405 200/405 200/405 200/405
accounts:preferences                   302/302 200/422 200/422 200/422 200/422 200/422 200/422 200/422
records:home                           302/405 302/405 302/405 302/405 302/405 302/405 302/405 302/405
records:queue                          302/405 200/405 200/405 200/405 403/405 302/405 302/405 302/405
records:changes                        302/405 204/405 204/405 204/405 403/405 302/405 302/405 302/405
records:bulk                           405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
records:search                         302/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
records:notices                        302/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
records:read_notices                   405/302 405/302 405/302 405/302 405/302 405/302 405/302 405/302
records:typeahead                      302/405 200/405 200/405 200/405 404/405 404/405 404/405 404/405
records:attachment                     302/405 200/405 200/405 200/405 200/405 200/405 200/405 404/405
records:go                             302/405 302/405 302/405 302/405 302/405 302/405 302/405 404/405
records:clock                          302/405 200/405 200/405 200/405 200/405 200/405 200/405 404/405
records:exclude                        405/302 405/422 405/422 405/422 405/403 405/403 405/403 405/403
records:decide_exclusion               405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
records:parties                        302/405 200/405 200/405 200/405 403/405 302/405 302/405 302/405
incidents:new                          302/302 200/422 200/422 200/422 403/403 302/403 302/403 302/403
incidents:preview                      302/302 200/405 200/405 200/405 403/403 302/403 302/403 302/403
incidents:detail                       302/302 200/405 200/405 200/405 403/403 302/403 302/403 302/403
incidents:comment                      302/302 405/422 405/422 405/422 403/403 302/403 302/403 302/403
incidents:act                          302/302 200/422 200/422 200/422 403/403 302/403 302/403 302/403
sla:simulate                           302/302 200/200 200/200 200/200 200/200 403/403 403/403 403/403
sla:underpinning                       302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
sla:coverage                           302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
actions:list                          302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
actions:new                           302/302 403/403 200/422 200/422 403/403 302/403 302/403 302/403
actions:detail                        302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
actions:act                           405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
actions:plans                         302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
actions:new-plan                      302/302 403/403 200/422 200/422 403/403 302/403 302/403 302/403
actions:plan                          302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
actions:plan-act                      405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
customers:complaints                   302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
customers:new                          302/302 200/422 200/422 200/422 403/403 302/403 302/403 302/403
customers:complaint                    302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
customers:act                          405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
customers:feedbacks                    302/302 302/302 302/302 302/302 403/403 200/200 200/200 200/200
customers:new-feedback                 302/302 302/302 302/302 302/302 403/403 200/422 200/422 200/422
customers:feedback                     302/302 302/302 302/302 302/302 403/403 404/404 404/404 404/404
customers:feedback-act                 405/302 405/404 405/404 405/404 405/403 405/404 405/404 405/404
customers:proposals                    302/302 403/403 200/200 200/200 403/403 302/403 302/403 302/403
customers:decide                       405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
customers:surveys                      302/302 403/403 200/200 200/200 403/403 302/403 302/403 302/403
customers:new-survey                   302/302 403/403 200/422 200/422 403/403 302/403 302/403 302/403
customers:new-questionnaire            302/302 403/403 200/422 200/422 403/403 302/403 302/403 302/403
customers:collect                      302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
customers:survey                       302/302 403/403 404/404 404/404 403/403 302/403 302/403 302/403
customers:survey-act                   405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
customers:callbacks                    302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
customers:callback-act                 405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
customers:answer                       404/404 404/404 404/404 404/404 404/404 404/404 404/404 404/404
customers:own-answer                   302/302 403/403 403/403 403/403 403/403 404/404 404/404 404/404
customers:own-survey                   302/302 302/302 302/302 302/302 403/403 404/404 404/404 404/404
agreements:list                        302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
agreements:new                         302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
agreements:begin                       302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
agreements:detail                      302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
agreements:terms                       302/405 403/405 404/405 404/405 403/405 403/405 403/405 403/405
agreements:terms-json                  302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
agreements:terms-section               302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
agreements:terms-part                  302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
agreements:terms-row                   302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
agreements:terms-remove                405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
agreements:keepers                     302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
agreements:file                        302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
agreements:end                         302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
agreements:proof                       302/405 403/405 404/405 404/405 403/405 403/405 403/405 403/405
agreements:impact                      302/405 403/405 404/405 404/405 403/405 403/405 403/405 403/405
agreements:follow-up                   405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
agreements:answer                      405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
agreements:replays                     302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
agreements:replay                      302/405 403/405 404/405 404/405 403/405 403/405 403/405 403/405
agreements:document                    302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
agreements:document-pdf                302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
agreements:document-docx               302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
agreements:act                         405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
sla:calendars                          302/405 200/405 200/405 200/405 403/405 302/405 302/405 302/405
sla:calendar                           302/405 200/405 200/405 200/405 403/405 302/405 302/405 302/405
sla:calendar-edition                   302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
sla:packages                           302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
channels:list                          302/405 200/405 200/405 200/405 403/405 302/405 302/405 302/405
channels:message                       302/405 404/405 404/405 404/405 403/405 302/405 302/405 302/405
channels:original                      302/405 404/405 404/405 404/405 403/405 302/405 302/405 302/405
channels:act                           405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
catalog:list                           302/405 200/405 200/405 200/405 403/405 403/405 403/405 403/405
catalog:new                            302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
catalog:detail                         302/405 200/405 200/405 200/405 403/405 403/405 403/405 403/405
catalog:propose                        302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
catalog:act                            405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
portal:home                            302/405 302/405 302/405 302/405 403/405 200/405 200/405 200/405
portal:list                            302/405 302/405 302/405 302/405 403/405 200/405 200/405 200/405
portal:new                             302/302 302/302 302/302 302/302 403/403 200/422 200/422 200/422
portal:detail                          302/405 302/405 302/405 302/405 403/405 200/405 200/405 404/405
portal:reply                           405/302 405/302 405/302 405/302 405/403 405/422 405/422 405/404
portal:confirm                         405/302 405/302 405/302 405/302 405/403 405/409 405/409 405/404
portal:reopen                          405/302 405/302 405/302 405/302 405/403 405/422 405/422 405/404
portal:search                          302/405 302/405 302/405 302/405 403/405 200/405 200/405 200/405
portal:services                        302/405 302/405 302/405 302/405 403/405 200/405 200/405 200/405
portal:agreements                      302/405 302/405 302/405 302/405 403/405 200/405 200/405 200/405
portal:agreement                       302/405 302/405 302/405 302/405 403/405 404/405 404/405 404/405
portal:agreement-pdf                   302/405 302/405 302/405 302/405 403/405 404/405 404/405 404/405
portal:agreement-docx                  302/405 302/405 302/405 302/405 403/405 404/405 404/405 404/405
portal:agreement-act                   405/302 405/302 405/302 405/302 405/403 405/404 405/404 405/404
portal:help                            302/405 302/405 302/405 302/405 403/405 200/405 200/405 200/405
reports:dashboard                      302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
reports:breaches                       302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
reports:exclusions                     302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
reports:parties                        302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
reports:party                          302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
reports:support                        302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
reports:records                        302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
reports:clocks                         302/302 403/403 200/200 200/200 403/403 403/403 403/403 403/403
sourcing:list                          302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
sourcing:new                           302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
sourcing:requests                      302/302 403/403 200/404 200/404 403/403 403/403 403/403 403/403
sourcing:link                          405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
sourcing:detail                        302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
sourcing:edit                          302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
sourcing:upload                        405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
sourcing:document                      302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
sourcing:remove                        405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
sourcing:tickets                       302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
sourcing:clocks                        302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
sourcing:breaches                      302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
sourcing:reports                       302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
sourcing:report                        302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
planning:list                          302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
planning:new                           302/302 403/403 200/422 200/422 403/403 302/403 302/403 302/403
planning:detail                        302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
planning:part                          302/302 403/403 404/404 404/404 403/403 302/403 302/403 302/403
planning:sheet                         302/302 403/403 404/404 404/404 403/403 302/403 302/403 302/403
planning:files                         405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
planning:draft                         405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
planning:act                           405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
planning:standard                      302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
planning:write-standard                302/302 403/403 200/422 200/422 403/403 302/403 302/403 302/403
planning:publish-standard              405/302 405/403 405/422 405/422 405/403 405/403 405/403 405/403
planning:needs                         302/302 302/302 302/302 302/302 403/403 200/200 200/200 200/200
planning:new-need                      302/302 302/302 302/302 302/302 403/403 403/403 200/422 200/422
planning:need                          302/302 302/302 302/302 302/302 403/403 404/404 404/404 404/404
planning:reply-need                    405/302 405/404 405/404 405/404 405/403 405/404 405/404 405/404
reviews:list                           302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
reviews:new                            302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
reviews:detail                         302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
reviews:agenda                         302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
reviews:minutes                        302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
reviews:remove                         405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
reviews:act                            405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
reviews:portal-list                    302/302 302/302 302/302 302/302 403/403 200/200 200/200 200/200
reviews:portal                         302/302 302/302 302/302 302/302 403/403 404/404 404/404 404/404
reviews:portal-rate                    405/302 405/404 405/404 405/404 405/403 405/404 405/404 405/404
servicereports:list                    302/302 200/200 200/200 200/200 403/403 302/403 302/403 302/403
servicereports:new                     302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
servicereports:detail                  302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
servicereports:check                   302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
servicereports:pdf                     302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
servicereports:xlsx                    302/302 404/404 404/404 404/404 403/403 302/403 302/403 302/403
servicereports:act                     405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
servicereports:portal-list             302/302 302/302 302/302 302/302 403/403 200/200 200/200 200/200
servicereports:portal                  302/302 302/302 302/302 302/302 403/403 404/404 404/404 404/404
servicereports:portal-pdf              302/302 302/302 302/302 302/302 403/403 404/404 404/404 404/404
servicereports:portal-xlsx             302/302 302/302 302/302 302/302 403/403 404/404 404/404 404/404
levels:list                            302/405 403/405 200/405 200/405 403/405 403/405 403/405 403/405
levels:detail                          302/405 403/405 200/405 200/405 403/405 403/405 403/405 403/405
levels:clocks                          302/405 403/405 200/405 200/405 403/405 403/405 403/405 403/405
levels:values                          302/405 403/405 404/405 404/405 403/405 403/405 403/405 403/405
levels:credits                         302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
levels:outages                         302/405 200/405 200/405 200/405 403/405 302/405 302/405 302/405
levels:new-outage                      302/302 200/422 200/422 200/422 403/403 302/403 302/403 302/403
levels:outage                          302/405 404/405 404/405 404/405 403/405 302/405 302/405 302/405
levels:outage-act                      405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
levels:interruptions                   302/405 200/405 200/405 200/405 403/405 302/405 302/405 302/405
levels:announce                        302/302 403/403 200/422 200/422 403/403 302/403 302/403 302/403
levels:cancel                          405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
monitoring:list                        302/405 200/405 200/405 200/405 403/405 302/405 302/405 302/405
monitoring:detail                      302/405 404/405 404/405 404/405 403/405 302/405 302/405 302/405
monitoring:attach                      405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
monitoring:end                         405/302 405/404 405/404 405/404 405/403 405/403 405/403 405/403
monitoring:sources                     302/405 403/405 200/405 200/405 403/405 403/405 403/405 403/405
monitoring:new-source                  302/302 403/403 200/422 200/422 403/403 403/403 403/403 403/403
monitoring:source                      302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
monitoring:apply                       405/302 405/403 405/404 405/404 405/403 405/403 405/403 405/403
monitoring:new-rule                    302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
monitoring:rule                        302/302 403/403 404/404 404/404 403/403 403/403 403/403 403/403
api:index                              401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:schema                             200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:docs                               200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:problems                           200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:problem                            200/405 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:incidents-list                     401/401 200/400 200/400 200/400 200/400 200/400 200/400 200/400
api:incidents-detail                   401/401 200/405 200/405 200/405 200/405 200/405 200/405 404/405
api:incidents-accept                   401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-assign                   401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-cancel                   401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-close                    401/401 405/409 405/409 405/409 405/409 405/403 405/403 405/404
api:incidents-confirm                  401/401 405/409 405/409 405/409 405/409 405/409 405/409 405/404
api:incidents-escalate                 401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-explain-breach           401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-hold                     401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-arrive                   401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-restore                  401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-supplier-replied         401/401 405/409 405/409 405/409 405/409 405/403 405/403 405/404
api:incidents-link                     401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-reopen                   401/401 405/409 405/409 405/409 405/409 405/409 405/409 405/404
api:incidents-resolve                  401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incidents-resume                   401/401 405/409 405/409 405/409 405/409 405/403 405/403 405/404
api:incidents-start                    401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/404
api:incident-activities-list           401/401 200/405 200/405 200/405 200/405 200/405 200/405 404/405
api:incident-comments-list             401/401 200/400 200/400 200/400 200/400 200/400 200/400 404/404
api:incident-comments-detail           401/401 200/405 200/405 200/405 200/405 404/405 404/405 404/405
api:incident-attachments-list          401/401 200/415 200/415 200/415 200/415 200/415 200/415 404/404
api:incident-attachments-detail        401/401 200/405 200/405 200/405 200/405 200/405 200/405 404/405
api:incident-clocks-list               401/401 200/405 200/405 200/405 200/405 200/405 200/405 404/405
api:incident-parties-list              401/401 200/405 200/405 200/405 200/405 403/405 403/405 404/405
api:incident-clocks-detail             401/401 200/405 200/405 200/405 200/405 200/405 200/405 404/405
api:users-list                         401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:users-me                           401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:users-detail                       401/401 200/405 200/405 200/405 200/405 200/405 200/405 404/405
api:organisations-list                 401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:organisations-detail               401/401 200/405 200/405 200/405 200/405 200/405 200/405 404/405
api:teams-list                         401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:teams-detail                       401/401 200/405 200/405 200/405 200/405 404/405 404/405 404/405
api:services-list                      401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:services-detail                    401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:services-propose                   401/401 405/403 405/400 405/400 405/403 405/403 405/403 405/403
api:services-decide                    401/401 405/403 405/409 405/409 405/403 405/403 405/403 405/403
api:services-publish                   401/401 405/403 405/409 405/409 405/403 405/403 405/403 405/403
api:services-take-back                 401/401 405/403 405/409 405/409 405/403 405/403 405/403 405/403
api:services-unavailable               401/401 405/403 405/400 405/400 405/403 405/403 405/403 405/403
api:services-available                 401/401 405/403 405/409 405/409 405/403 405/403 405/403 405/403
api:services-withdraw                  401/401 405/403 405/400 405/400 405/403 405/403 405/403 405/403
api:services-reviews                   401/401 200/405 200/405 200/405 403/405 403/405 403/405 403/405
api:service-versions-list              401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:service-versions-detail            401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:items-list                         401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:items-detail                       401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:simulate                           401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/403
api:calendars-list                     401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:calendars-detail                   401/401 200/405 200/405 200/405 200/405 404/405 404/405 404/405
api:calendars-preview                  401/401 405/403 405/400 405/400 405/403 405/403 405/403 405/403
api:edition-impact                     401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:calendars-hours                    401/401 400/405 400/405 400/405 400/405 404/405 404/405 404/405
api:packages-list                      401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:packages-detail                    401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:agreements-list                    401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:agreements-detail                  401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:agreements-targets                 401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:agreements-underpinning            401/401 403/405 200/405 200/405 403/405 403/405 403/405 403/405
api:agreement-versions-list            401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:agreement-versions-detail          401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:editions-validate                  401/401 405/400 405/400 405/400 405/400 405/403 405/403 405/403
api:editions-list                      401/401 200/403 200/400 200/400 200/403 200/403 200/403 200/403
api:editions-detail                    401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:editions-activate                  401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-agree                     401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-check-legality            401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-countersign               401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-call-off-end               401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-excuse                    401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-offer                     401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-return                    401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-sign                      401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-submit                    401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-terminate                 401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:editions-withdraw                  401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:agreement-activities-list          401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:edition-follow-ups-list            401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:edition-follow-ups-detail          401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:edition-follow-ups-finish          401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:edition-replays-list               401/401 404/404 404/404 404/404 404/404 404/404 404/404 404/404
api:edition-replays-detail             401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:replay-flips-list                  401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:requirements-list                  401/401 200/403 200/400 200/400 200/403 200/403 200/400 200/400
api:requirements-detail                401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:requirements-define                401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:requirements-fix-baseline          401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:requirements-plan-service          401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:requirements-make-agreement        401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:requirements-decline               401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:requirement-activities-list        401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:clocks-list                        401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:clocks-detail                      401/401 200/405 200/405 200/405 200/405 200/405 200/405 404/405
api:outages-list                       401/401 200/400 200/400 200/400 200/400 200/403 200/403 200/403
api:outages-detail                     401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:outages-withdraw                   401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:planned-interruptions-list         401/401 200/403 200/400 200/400 200/400 200/403 200/403 200/403
api:planned-interruptions-detail       401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:planned-interruptions-cancel       401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:measured-values-list               401/401 200/403 200/400 200/400 200/400 200/403 200/403 200/403
api:measured-values-detail             401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:levels-list                        401/401 403/405 200/405 200/405 403/405 403/405 403/405 403/405
api:levels-detail                      401/401 403/405 200/405 200/405 403/405 403/405 403/405 403/405
api:credits-list                       401/401 403/405 200/405 200/405 403/405 403/405 403/405 403/405
api:credits-detail                     401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:outages-list                       401/401 200/400 200/400 200/400 200/400 200/403 200/403 200/403
api:outages-detail                     401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:outages-withdraw                   401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:planned-interruptions-list         401/401 200/403 200/400 200/400 200/400 200/403 200/403 200/403
api:planned-interruptions-detail       401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:planned-interruptions-cancel       401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:measured-values-list               401/401 200/403 200/400 200/400 200/400 200/403 200/403 200/403
api:measured-values-detail             401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:levels-list                        401/401 403/405 200/405 200/405 403/405 403/405 403/405 403/405
api:levels-detail                      401/401 403/405 200/405 200/405 403/405 403/405 403/405 403/405
api:credits-list                       401/401 403/405 200/405 200/405 403/405 403/405 403/405 403/405
api:credits-detail                     401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:alerts-list                        401/401 200/403 200/403 200/403 200/400 403/403 403/403 403/403
api:alerts-detail                      401/401 404/405 404/405 404/405 404/405 403/405 403/405 403/405
api:alerts-alertmanager                401/401 405/403 405/403 405/403 405/400 405/403 405/403 405/403
api:alerts-zabbix                      401/401 405/403 405/403 405/403 405/400 405/403 405/403 405/403
api:breaches-list                      401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:breaches-detail                    401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:exclusions-list                    401/401 200/400 200/400 200/400 200/400 200/403 200/403 200/403
api:exclusions-detail                  401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:exclusions-decide                  401/401 405/404 405/404 405/404 405/404 405/404 405/404 405/404
api:suppliers-list                     401/401 200/403 200/400 200/400 200/403 200/403 200/403 200/403
api:suppliers-detail                   401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:service-reports-list               401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:service-reports-detail             401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:service-reports-verify             401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
api:reviews-list                       401/401 200/405 200/405 200/405 200/405 200/405 200/405 200/405
api:reviews-detail                     401/401 404/405 404/405 404/405 404/405 404/405 404/405 404/405
"""


def names_of(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every named address with the words it takes."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from names_of(entry, inner)
        elif isinstance(entry, URLPattern):
            yield namespace + (entry.name or "?"), _words(entry)


def _words(entry: URLPattern) -> tuple[str, ...]:
    pattern: Any = entry.pattern
    words = dict.fromkeys((*pattern.converters, *pattern.regex.groupindex))
    return tuple(word for word in words if word != "format")


def table() -> dict[str, list[str]]:
    rows = (line.split() for line in TABLE.strip().splitlines())
    return {name: statuses for name, *statuses in rows}


def addresses() -> dict[str, tuple[str, ...]]:
    """Ours by name; the back office and the catch-all of the API are tested apart."""
    return {
        name: words
        for name, words in names_of(get_resolver())
        if not name.startswith("admin:") and "?" not in name
    }


@pytest.fixture
def urls(cast: Cast) -> dict[str, str]:
    """A working address for each name, about rita's ticket."""
    upload = SimpleUploadedFile("log.txt", b"hello")
    incident = make_incident(cast, attachments=[upload])
    clock = incident.clocks.get(metric="resolution")
    note = services.comment(incident, text="quota?", is_public=False, actor=cast.alice.actor, now=MONDAY)
    ids = {
        "records:clock": clock.pk,
        "records:exclude": clock.pk,
        "records:decide_exclusion": clock.pk,
        "api:incident-clocks-detail": clock.pk,
        "api:clocks-detail": clock.pk,
        "api:incident-comments-detail": note.pk,
        "api:users-detail": cast.rita.pk,
        "api:organisations-detail": cast.acme.pk,
        "api:teams-detail": cast.desk.pk,
        **dict.fromkeys((n for n in addresses() if n.startswith("api:services-")), cast.mail.pk),
        "api:calendars-detail": cast.calendar.pk,
        "api:calendars-hours": cast.calendar.pk,
        "api:calendars-preview": cast.calendar.pk,
        "api:agreements-detail": cast.agreement.agreement_id,
        "api:agreements-targets": cast.agreement.agreement_id,
        "api:agreements-underpinning": cast.agreement.agreement_id,
    }
    words = {
        "number": incident.number,
        "key": incident.attachments.get().key,
        "what": "agents",
        "slug": "validation",
        "code": cast.agreement.agreement.code,
        "agreement": cast.agreement.agreement_id,
        "service": cast.mail.pk,
        "version": 1,
        "replay": 1,
        "metric": "resolution",
        "outcome": "met",
        "action": "hold",
        "act": "submit",
        "item": "1",
        "remark": 1,
        "exclusion": 1,
        "party": "customer",
        "part": "targets",
        "contract": "uc-line",
        "kind": "service_level",
        "token": "1.forged",
        "first": "2026-01-01",
        "last": "2026-01-31",
    }
    made = {}
    for name, wanted in addresses().items():
        values = {w: ids.get(name, 1) if w == "pk" else words[w] for w in wanted}
        if name == "reports:records":
            values["key"] = "open"
        if name.startswith("sla:calendar") and "code" in wanted:
            values["code"] = cast.calendar.code
        if name.startswith(("catalog:", "planning:")) and "code" in wanted:
            values["code"] = cast.mail.code
        made[name] = reverse(name, kwargs=values)
    return made


def clients(cast: Cast) -> dict[str, Client]:
    """A browser for each person, logged in."""
    browsers = {person: Client(raise_request_exception=False) for person in PEOPLE}
    for person in PEOPLE[1:]:
        browsers[person].force_login(getattr(cast, person))
    return browsers


def answers(browsers: dict[str, Client], name: str, url: str) -> list[str]:
    found = []
    for person in PEOPLE:
        got = browsers[person].get(url).status_code
        # a body no verb takes, so that nothing changes while the table is walked
        body: dict[str, Any] = (
            {"data": "[]", "content_type": "application/json"} if name.startswith("api:") else {}
        )
        posted = browsers[person].post(url, **body).status_code
        found.append(f"{got}/{posted}")
    return found


def test_every_address_is_in_the_table() -> None:
    assert set(addresses()) == set(table())


@pytest.mark.req("PLT-09")
@pytest.mark.parametrize("part", ["pages", "api"])
def test_everybody_gets_the_answer_of_the_table(cast: Cast, urls: dict[str, str], part: str) -> None:
    expected = {n: row for n, row in table().items() if n.startswith("api:") == (part == "api")}
    browsers = clients(cast)
    # logging out ends the browsers' sessions, so it is asked last
    order = sorted(expected, key=lambda name: name == "accounts:logout")
    found = {name: answers(browsers, name, urls[name]) for name in order}
    different = {
        f"{name} for {person}": f"{got}, not {wanted}"
        for name in expected
        for person, wanted, got in zip(PEOPLE, expected[name], found[name], strict=True)
        if wanted != got
    }
    assert different == {}


def test_the_back_office_is_for_administrators_only(cast: Cast) -> None:
    pages = [
        reverse(name, kwargs={w: "accounts" if w == "app_label" else "1" for w in words})
        for name, words in names_of(get_resolver())
        if name.startswith("admin:") and "?" not in name and "logout" not in name and "view_on" not in name
    ]
    assert len(pages) > 20
    browsers = clients(cast)
    opened = {
        f"{url} by {person}"
        for person in PEOPLE
        for url in pages
        if person != "admin" and browsers[person].get(url).status_code == 200
    }
    assert {page for page in opened if "/login/" not in page and "jsi18n" not in page} == set()
    assert browsers["admin"].get("/admin/").status_code == 200
