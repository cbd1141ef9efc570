#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Keys: what each does to the screen.

. "$(dirname "$0")/screen.sh"
s=80x24

# ---- timeline ----
scene zoom $s "" g =lllll =+++++ =lll a =llllll b
scene zoom-out $s "" g =+++ =-
scene zoom-whole $s "" g =+++ 0
scene zoom-marks $s "" g =lll a =llllll b z
scene clear-marks $s "" g =lll a =llllll b x
scene pan $s "" g =++ L L H
scene no-arrows $s "" g =lllll =+++++ i
scene all-threads $s "" o
scene lane-steps $s "" g j j j J J J K
scene timeline-to-events $s "" =hhhhh Enter

# ---- lists ----
scene events-home $s "--view events" g
scene events-pages $s "--view events" g NPage NPage j PPage
scene events-relative $s "--view events" g =jjjj T
scene events-delta $s "--view events" g t t
scene events-scrolled $s "--view events" g =ll
scene threads-sorted $s "--view threads" s s
scene threads-reversed $s "--view threads" r
scene threads-all $s "--view threads" o
scene threads-at-cursor $s "--view events" g NPage NPage NPage 3
scene threads-followed $s "--view threads" / =driver Enter 2 g NPage NPage NPage 3 y
scene threads-first $s "--view threads" G g 2 g NPage NPage NPage 3 y
scene threads-cause $s "--view threads" Enter
scene ipc-slowest $s "--view ipc" j j Enter
scene objects-first $s "--view objects" Enter
scene log-to-event $s "--view log" g j j Enter
scene loss-to-event $s "--view loss" Enter

scene log-console $s "--view log" g o
scene log-filtered $s "--view log" '&' '=class==fault' Enter g
scene caps-none $s "--view threads" c
scene objects-caps-none $s "--view objects" c
scene no-guest $s "" P
scene no-guest-trace $s "" M =ipc Enter
scene signal-arrows $s "--view events" g / =woke Enter n n 1 =+++++++

# ---- search and filter ----
scene search $s "--view events" g / =signal Enter
scene search-next $s "--view events" g / =signal Enter n n N
scene search-back $s "--view events" ? =fault Enter
scene search-incremental $s "--view events" g / =raised
scene search-cancelled $s "--view events" g / =raised Escape
scene search-case $s "--view events" g / =Call Enter
scene search-none $s "--view events" g / =nowhere Enter
scene search-wrong $s "--view events" g / '=('
scene search-log $s "--view log" g / =served.16 Enter
scene filter $s "--filter class==ipc --view events" g
scene filter-typed $s "--view events" g '&' '=kind==reply && thread=="fs"' Enter
scene filter-wrong $s "--view events" g '&' =colour==1 Enter
scene filter-complete $s "--view events" g '&' =ev Tab ===fault.r Tab Enter
scene filter-inverse $s "--view events" g '&' =class==kernel Enter '!'
scene filter-cleared $s "--view events" g '&' =class==fault Enter '\\'

# ---- jumps ----
scene same-thread $s "--view events" g / =fs-1 Enter ']' ']'
scene same-object $s "--view events" g / =irq.raised Enter '}' '}'
scene same-badge $s "--view events" g / =badge=0x2 Enter ')' '('
scene flow $s "--view events" g / =kind=call Enter f f F
scene no-flow $s "--view events" g f
scene gap $s "--view events" g e
scene no-gap $s "--view events" G e
scene slow $s "--view events" g w
scene slow-bound $s "--view events" g : '=slow 60us' Enter w w W
scene back $s "--view events" g e C-o
scene forward $s "--view events" g e C-o C-p

# ---- commands ----
scene goto $s "--view events" : '=goto 100.3ms' Enter
scene goto-back $s "" : '=goto 0.1003' Enter : '=goto -100us' Enter 2
scene event $s "--view events" : '=event 17' Enter
scene view-command $s "" : '=view ipc' Enter
scene wrong-command $s "" : =dance Enter
scene wrong-time $s "" : '=goto soon' Enter
scene ascii-set $s "" : '=set ascii on' Enter

# ---- views ----
scene tab $s "" Tab Tab
scene back-tab $s "" BTab
scene split-synced $s "--view events" v C-w g C-w 3
scene bookmark $s "--view events" g j j m : '=mark here it began' Enter B
scene bookmark-jump $s "--view events" g .
finish
