"""Words that headlines use for one another: where two titles differ in these, they tell the same.

Only what an editor would exchange without telling other news. What tells how many, how sure, how
far along or to whom is not here: `soldier` is no `soldiers`, `charged` no `arrested`.
"""

from __future__ import annotations

_ROWS = """
1 one | 2 two | 3 three | 4 four | 5 five | 6 six | 7 seven | 8 eight | 9 nine | 10 ten | 11 eleven
12 twelve | 13 thirteen | 14 fourteen | 15 fifteen | 16 sixteen | 17 seventeen | 18 eighteen
19 nineteen | 20 twenty | 30 thirty | 40 forty | 50 fifty | 60 sixty | 70 seventy | 80 eighty
90 ninety | first 1st | second 2nd | third 3rd | fourth 4th | fifth 5th | sixth 6th | seventh 7th
eighth 8th | ninth 9th | tenth 10th
trillion tn trn | billion b bn bln bil miliardi milliarden milliards
million m mn mln mil milioni millionen millions | thousand k
week wk | year yr | month mth | hour hr | kilometre kilometer km | percent pct

resign quit quits quitting resignation
buy acquire purchase bought acquisition buyout takeover | sell sold sale fetch
unveil reveal present debut showcase | premiere | resume restart
appoint hire tap choose chose chosen pick select nomme nomina nombra ernennt name
begin began begun start commence
dismiss fired sack oust | open inaugurate | build built construct | rebuild rebuilt
store boutique shop | stores boutiques shops | flagship
win won clinch victory capture | beat defeat thrash crush rout overcome
kill slay slain die died dead death deaths dying
hit hits strikes struck rock rocks rocked rattle jolt
hurt injure wound injury | arrest detain | ask urge | vow pledge promise
slam condemn criticise criticize denounce decry
admit acknowledge concede | announce declare | approve pass adopt okay
mull consider weigh ponder eye | reject rebuff spurn | deny denial
bar ban prohibit outlaw forbid | back support endorse | free freed release liberate
investigate probe investigation inquiry enquiry | evacuate evacuation
retire retirement | arrive arrival | depart departure leave exit | explode blast explosion
blasts explosions | collide collision | derail derailment
agreement deal accord pact | talks negotiations | dispute row feud spat
rise rose risen up climb grow grew grown jump gain increase growth surge soar higher
fall fell fallen down drop slip decline tumble slump slide plunge plummet sink sank lower
raise hike boost lift | cut slash reduce trim axe lowers lowered lowering
revenue turnover | profit earnings | layoff layoffs redundancies | staff employees workforce
firm company | executive exec | chief boss head leader | chairman chairwoman chair
lawmaker mp legislator parliamentarian congressman | lawmakers mps legislators parliamentarians
government govt gov't | governor gov | senator sen | president presidential presidency
parliament parliamentary | pm premier | police cops policemen | policeman cop
troops soldiers | author writer | attorney lawyer | attorneys lawyers | doctors physicians
jail prison imprison | quake earthquake temblor tremor | twister tornado
plane jet aircraft airplane aeroplane airliner | planes jets airliners | ship vessel
car automobile vehicle | cars automobiles vehicles | smuggler trafficker | smugglers traffickers
flood floods flooding | wildfire bushfire | wildfires bushfires | fire blaze
kids children | kid child | mother mum mom | father dad
protester demonstrator | protesters demonstrators protestors
teen teenager teenage | teens teenagers
vote poll | elect election electoral | summit | border frontier | funds money cash
huge massive enormous | key crucial vital | deadly fatal lethal | centre center
film movie | football soccer | match game | title championship crown | coach manager
north northern | south southern | east eastern | west western | northeast northeastern
northwest northwestern | southeast southeastern | southwest southwestern
jewellery jewelry | jeweller jeweler | programme program | defence defense | licence license
offence offense | theatre theater | metre meter | tyre tire | grey gray | cheque check
hail praise laud | mark celebrate commemorate | theft heist robbery burglary
steal stole stolen snatch swipe | inmates prisoners | inmate prisoner | gop republican | nyc ny
batter lash pummel | establish create | allow permit | proposal offer bid | escape flee fled
unemployment jobless joblessness | stock stocks share shares equity equities | army military
trip visit | verdict ruling | delay postpone defer | cancel scrap
hunt search | protest demonstration | violence unrest | close end shut | rescue save
prize award
kidnap abduct kidnapping abduction | ties relations | aid assistance | lawsuit suit
debris wreckage | outbreak epidemic | catalonia catalan | crimea crimean | chechnya chechen
international intl | department dept | christmas xmas | television tv | headquarters hq
picture photo photograph | nuclear atomic | versus vs | worldwide global globally | apartment flat
fragrance perfume scent | watch timepiece wristwatch | watches timepieces wristwatches
bag handbag | bags handbags | collaboration collab | partner collaborate | hp horsepower
shareholder investor | shareholders investors | forecast guidance outlook | tariff duty
tariffs duties | renovate refurbish revamp | exhibition exhibit | tycoon magnate mogul
factory plant | factories plants | gem jewel | gems jewels | stake holding shareholding
find found finding discover | consecutive straight | advert ad advertisement
adverts ads advertisements | ipo flotation
retake recapture | acquit clear | curb limit restrict | ease relax loosen | extend prolong
spark trigger cause prompt | tackle combat | fears worries concerns | fear worry concern
deadlock stalemate | walkout strike | gunman shooter | fans supporters | captain skipper
early snap | plan planned planning | franc | dan | hold held
take took taken | give gave given | make made | send sent | lose lost | meet met | pay paid
keep kept | bring brought | catch caught | break broke broken | tell told | fight fought
spend spent | sweep swept | speak spoke spoken | write wrote written | drive drove driven
sue suing | use uses used using | vw volkswagen | fallujah falluja
throw threw thrown | draw drew drawn | withdraw withdrew withdrawn | freeze froze frozen
parent owner | shrink contract | sign ink | fibre fiber | litre liter | catalogue catalog
aluminium aluminum | ceasefire truce
"""
_NATIONS = """
china chinese | france french | italy italian | germany german | britain british uk briton
england english | scotland scottish | wales welsh | ireland irish | japan japanese
spain spanish | portugal portuguese | switzerland swiss | austria austrian | belgium belgian
netherlands dutch holland | sweden swedish swede | norway norwegian | denmark danish dane
finland finnish | iceland icelandic | poland polish | hungary hungarian | romania romanian
bulgaria bulgarian | serbia serbian serb | croatia croatian | bosnia bosnian | albania albanian
kosovo kosovan kosovar | ukraine ukrainian | belarus belarusian belarussian | russia russian
georgia georgian | armenia armenian | azerbaijan azerbaijani azeri | kazakhstan kazakh
czech czechia | slovakia slovak | slovenia slovenian | lithuania lithuanian | latvia latvian
estonia estonian | cyprus cypriot | malta maltese | greece greek | turkey turkish turk turkiye
america american us usa | canada canadian | mexico mexican | cuba cuban | brazil brazilian
argentina argentine argentinian | chile chilean | peru peruvian | colombia colombian
venezuela venezuelan | bolivia bolivian | ecuador ecuadorian ecuadorean | haiti haitian
jamaica jamaican | guatemala guatemalan | honduras honduran | nicaragua nicaraguan
panama panamanian
india indian | pakistan pakistani pak | afghanistan afghan | bangladesh bangladeshi
nepal nepalese nepali
lanka lankan | myanmar burma burmese | thailand thai | vietnam vietnamese | cambodia cambodian
malaysia malaysian | singapore singaporean | indonesia indonesian | philippines philippine filipino
taiwan taiwanese | mongolia mongolian | tibet tibetan | korea korean | australia australian aussie
zealand zealander | syria syrian | egypt egyptian | israel israeli | palestine palestinian
lebanon lebanese | jordan jordanian | iran iranian | iraq iraqi | saudi saudis | yemen yemeni
qatar qatari | kuwait kuwaiti | bahrain bahraini | oman omani | emirati uae
libya libyan | tunisia tunisian | algeria algerian | morocco moroccan | sudan sudanese
ethiopia ethiopian | eritrea eritrean | somalia somali | kenya kenyan | uganda ugandan
tanzania tanzanian | rwanda rwandan | congo congolese drc | nigeria nigerian | ghana ghanaian
mali malian | senegal senegalese | cameroon cameroonian | zimbabwe zimbabwean | zambia zambian
malawi malawian | angola angolan | mozambique mozambican | africa african
europe european | asia asian | arab arabian
"""
_ABROAD = """
ouvre inaugure apre inaugura abre eroffnet | ferme chiude cierra schliesst
rachete acquiert acquista compra adquiere ubernimmt kauft | cede vend vende verkauft
devoile presente presenta svela prasentiert enthullt | ernannt nominato nombrado
progresse progressent augmente augmentent bondit | cresce crescono salgono aumenta aumentano
crece crecen suben sube | steigen steigt wachsen wachst klettern klettert
recule reculent baisse baissent chute chutent | cala calano scendono scende | cae caen bajan baja
sinken sinkt fallt schrumpfen schrumpft
meurt decede | muore morto | muere fallece | stirbt gestorben verstorben
umsatz erlos | gewinn ergebnis | ricavi fatturato | ventas ingresos
euro eur euros

morsi mursi morsy | gaddafi qaddafi gadhafi kadhafi gadafi | kyiv kiev | odesa odessa
zelensky zelenskiy zelenskyy zelenskyi | qaeda qaida | hezbollah hizbollah hizbullah
mohammed muhammad mohamed mohammad | quran koran | yanukovych yanukovich | tymoshenko timoshenko
isis isil | taliban taleban | ahmadinejad ahmedinejad | nasrallah nasralla | kolkata calcutta
mumbai bombay | beijing peking | eid aid-el-fitr | ramadan ramzan
"""

_PHRASED = """
ceo = chief executive | chief executive officer
cfo = chief financial officer | finance chief
resign = step down | steps down | stepped down | stepping down | stand down | stands down |
    stood down | standing down | steps aside | stepped aside | drops out | dropped out
buy = take over | takes over | took over | taking over
creative director = artistic director
urge = call for | calls for | called for | calling for | call on | calls on | called on |
    appeals for
to = agrees to | agreed to | agree to | set to | poised to | scheduled to | going to |
    decides to | decided to
= at least | more than | up to | as many as
us = united states
dollar = us dollar
toll = death toll
open = opens its doors | opened its doors | opens doors | opening its doors
close = closes its doors | closed its doors | shuts its doors
delay = pushes back | pushed back | pushing back | puts off | put off
buy = snaps up | snapped up | buys out | bought out
partner = teams with | teamed with | links up | linked up | ties up
begin = kicks off | kicked off | gets under way | gets underway
withdraw = backs out | backed out
slam = lashes out at | hits out at
bankruptcy = bankruptcy protection | chapter 11 bankruptcy | chapter 11
price rise = price hike | price hikes | price increase | price increases | price rises
record = all time
menswear = men's wear | mens wear
womenswear = women's wear | womens wear
readytowear = ready to wear | rtw | pret a porter
olympics = olympic games
flagship = flagship store | flagship boutique | flagship shop
revive = brings back | bring back | brought back
strike = go on strike | goes on strike | going on strike
missing = goes missing | went missing
claim = claims responsibility for | claimed responsibility for
shootdown = shoots down | shot down | shoot down | downs
cut = lays off | lay off | laid off | laying off
reject = turns down | turn down | turned down
crackdown = cracks down | crack down | cracked down | cracking down
create = sets up | set up | setting up
close = shuts down | shut down | shutting down | closes down | closed down
launch = carries out | carried out | carry out
startup = start up
buy stake = takes stake | take stake | takes a stake | take a stake
ballot = votes on | vote on | voted on | voting on
beat forecast = tops forecasts | tops estimates | tops expectations | beats estimates |
    beats expectations | beat estimates | beat expectations | beats forecasts | beat forecasts
gaymarriage = gay marriage | same sex marriage
vote = votes in favour of | votes in favor of | voted in favour of | voted in favor of
kill = shot dead | shoots dead | shoot dead | gunned down | guns down
hasbeen sue = sued
hasbeen appoint = becomes | became | named | appointed | hired | nominated
uk = united kingdom
unitednations = united nations
africanunion = african union
losangeles = los angeles
to buy = agrees to buy | agreed to buy | agree to buy | agrees to acquire | agreed to acquire
to sell = agrees to sell | agreed to sell | agree to sell
deliver = hands over | handed over | hand over
swornin = sworn in | takes office | took office | takes oath
dior = christian dior
armani = giorgio armani
cucinelli = brunello cucinelli
ferragamo = salvatore ferragamo
saintlaurent = yves saint laurent | saint laurent | ysl
vuitton = louis vuitton
patek = patek philippe
rolls = rolls royce | rolls royce motor cars
bentley = bentley motors
lamborghini = automobili lamborghini
hermes = hermes international
aston = aston martin
lauder = estee lauder
tiffany = tiffany co
bulgari = bvlgari
jlr = jaguar land rover
ipo = initial public offering
ev = electric vehicle | electric car
evs = electric vehicles | electric cars
couture = haute couture
q1 = first quarter | q 1
q2 = second quarter | q 2
q3 = third quarter | q 3
q4 = fourth quarter | q 4
h1 = first half | h 1
h2 = second half | h 2
partner = teams up | team up | teamed up | joins forces | join forces
hongkong = hong kong | hk
cyberattack = cyber attack
eu = european union
ny = new york city | new york
newzealand = new zealand | nz
northkorea = north korean | north korea | n korean | n korea
southkorea = south korean | south korea | s korean | s korea
southafrica = south african | south africa | s african | s africa
southsudan = south sudan | south sudanese | s sudan
pm = prime minister
premierleague = premier league
fm = foreign minister
gp = grand prix
fed = federal reserve | us federal reserve
ecb = european central bank
boe = bank of england
boj = bank of japan
saudi = saudi arabia | saudi arabian
isis = islamic state
dead = passes away | passed away
off = called off | calls off
explosion = bomb blast | bomb explosion
blasts = bomb blasts | bomb explosions
wallstreet = wall street | wall st
convict = found guilty | finds guilty
withdraw = pulls out | pulled out | pull out
airstrike = air strike | air raid
airstrikes = air strikes | air raids
suicidebomber = suicide bomber | suicide bombing | suicide bomb
ceasefire = cease fire
wildfire = forest fire
wildfires = forest fires
manutd = manchester united | man united | man utd
mancity = manchester city | man city
percent = per cent
"""

_COUNTED = """
    soldiers officers workers boys girls journalists militants insurgents bombers tourists
    victims suspects students pupils migrants refugees hostages pilots spies miners civilians
    parents owners peacekeepers firefighters engineers scientists judges executives designers
    terrorists prisoners inmates nurses players villagers guards ministers leaders passengers
    climbers attackers fighters activists sailors sisters brothers sons daughters wives teachers
    candidates bodies bombs bombings quakes earthquakes rockets missiles planes jets helicopters
    trucks buses trains ships boats ferries tankers hotels restaurants resorts yachts superyachts
    villas towers museums galleries collections handbags diamonds necklaces paintings portraits
    sculptures factories plants banks schools mosques churches cities towns villages
"""
COUNTED = frozenset(_COUNTED.split())
"""Plurals that stay apart from one of the kind: two soldiers are other news than one."""


_CJK = """
    发布 推出 亮相 揭晓 發布 | 任命 委任 | 增长 上涨 上升 攀升 | 下降 下跌 下滑 减少
    去世 逝世 离世 辞世 病逝 | 起诉 控告 | 开业 开幕 揭幕 | 收购 买下 | 关闭 闭店
    発表 公開 披露 | 開店 開業 オープン | 閉店 閉鎖 | 死去 逝去 | 増加 上昇 | 減少 低下 下落
"""
CJK_ALIKE = {
    word: row.split()[0] for row in _CJK.replace("|", "\n").split("\n") for word in row.split()[1:]
}
"""Chinese and Japanese words, and what stands for each; particles stand for nothing."""
CJK_ALIKE.update(dict.fromkeys(("正式", *"的了于在がはの"), ""))


def rows() -> list[list[str]]:
    """Words that stand for one another, row by row; the first of a row stands for all."""
    lines = (_ROWS + _NATIONS + _ABROAD).splitlines()
    return [row.split() for line in lines for row in line.split("|") if row.strip()]


def nations() -> list[str]:
    """What stands for each country, and for those who live there."""
    return [
        row.split()[0] for line in _NATIONS.splitlines() for row in line.split("|") if row.strip()
    ]


def phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Phrases, and the words that stand for each."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in _PHRASED.strip().replace("|\n   ", "| ").splitlines():
        stand_in, _, many = line.partition("=")
        for phrase in many.split("|"):
            found[tuple(phrase.split())] = tuple(stand_in.split())
    return found
