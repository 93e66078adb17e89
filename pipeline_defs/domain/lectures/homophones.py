"""English words that sound alike: a listener cannot tell which of them was written."""

from __future__ import annotations

_GROUPS = """
ad add; aid aide; air heir; aisle isle; allowed aloud; altar alter; ascent assent; bare bear;
base bass; berry bury; bite byte; blew blue; board bored; brake break; buy by bye; cast caste;
ceiling sealing; cell sell; cells sells; chord cord; cite sight site; coarse course;
complement compliment; core corps; council counsel; creak creek; currant current; days daze;
dew due; die dye; fair fare; feat feet; find fined; flea flee; flew flu; flour flower; foul fowl;
gait gate; grate great; hair hare; hall haul; heal heel; hear here; higher hire; him hymn;
hoarse horse; hole whole; hour our; idle idol; kernel colonel; knew new; knight night;
knot not; know no; knows nose; lead led; lessen lesson; loan lone; made maid; mail male; main mane;
meat meet; mind mined; miner minor; morning mourning; none nun; oar ore; pail pale; pair pear;
passed past; peace piece; peak peek; pedal peddle; plain plane; pole poll; pore pour; pray prey;
principal principle; profit prophet; rain reign rein; raise rays; read reed; real reel; right rite
write; ring wring; road rode; role roll; root route; roots routes; sail sale; scene seen; sea see;
seam seem; seas sees seize; sew so sow; soar sore; sole soul; son sun; stair stare; stake steak;
stationary stationery; steal steel; straight strait; suite sweet; tail tale; tea tee; tear tier;
their there; threw through; throne thrown; tide tied; toe tow; vain vein; vary very; wail whale;
waist waste; wait weight; waits weights; ware wear where; way weigh; ways weighs; weak week;
weather whether; which witch; wood would; yoke yolk
"""
SOUNDS_LIKE = {
    word: group.split()[0]
    for group in _GROUPS.replace("\n", " ").split(";")
    for word in group.split()
}
