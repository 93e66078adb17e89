"""Tables of `vocabulary`: concept, then its words in en | de | fr | es | it | nl | pt | pl."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_defs.domain.languages import Language

MATERIALS = """
leather: leather* suede nubuck | leder* rindleder* rindsleder* vollleder* glattleder*
 veloursleder wildleder nubuk*
 | cuir daim nubuck | cuero piel ante | pelle cuoio scamosciat* | leer leder suède
 | couro camurça | skór* skóra zamsz*
cotton: cotton | baumwoll* | coton | algodón | cotone | katoen* | algodão | bawełn*
wool: wool woollen woolen merino* cashmere | wolle woll* merino* schurwoll* kaschmir*
 | laine mérinos cachemire | lana merino cachemira | lana merino* cachemire
 | wol wollen merino* kasjmier | lã merino caxemira | wełn* merino* kaszmir*
silk: silk | seide seiden* | soie | seda | seta | zijde zijden | seda | jedwab*
linen: linen | leinen* | lin | lino | lino | linnen | linho | lnian* len
hemp: hemp | hanf* | chanvre | cáñamo | canapa | hennep* | cânhamo | konop*
down: goose_down duck_down down_filled down_filling down_jacket | daunen* gänsedaune* entendaune*
 | duvet_d_oie duvet_de_canard plumes | plumón pluma | piumino piuma | dons donzen
 | penas penugem | puch puchow*
polyester: polyester* | polyester* | polyester | poliéster | poliestere | polyester* | poliéster
 | poliest*
nylon: nylon* polyamide ripstop cordura | nylon* polyamid* ripstop cordura
 | nylon polyamide ripstop cordura | nailon nylon poliamida ripstop cordura
 | nylon poliammide ripstop cordura | nylon polyamide ripstop cordura
 | nylon náilon poliamida ripstop cordura | nylon* poliamid* ripstop cordura
elastane: elastane spandex lycra | elasthan* lycra | élasthanne elasthanne lycra | elastano lycra
 | elastan* lycra | elastaan lycra | elastano lycra | elastan* lycr*
fleece: fleece | fleece* | polaire | polar forro_polar | pile | fleece | polar | polar* fleece
gore-tex: gore_tex goretex | gore_tex goretex | gore_tex goretex | gore_tex goretex
 | gore_tex goretex | gore_tex goretex | gore_tex goretex | gore_tex goretex
primaloft: primaloft | primaloft | primaloft | primaloft | primaloft | primaloft | primaloft
 | primaloft
vibram: vibram | vibram | vibram | vibram | vibram | vibram | vibram | vibram
stainless steel: stainless | edelstahl* rostfrei* | inox inoxydable | inoxidable acero_inoxidable
 | inox inossidabile | rvs roestvrij* | inox inoxidável | nierdzewn*
steel: steel | stahl* | acier | acero | acciaio | staal stalen | aço | stal stalow* stali
cast iron: cast_iron iron | gusseisen* eisen* | fonte fer | hierro hierro_fundido | ghisa ferro
 | gietijzer* ijzer* | ferro ferro_fundido | żeliw* żelaz*
aluminium: aluminium aluminum | aluminium* alu | aluminium alu | aluminio | alluminio
 | aluminium | alumínio | alumini*
titanium: titanium | titan titanium | titane | titanio | titanio | titanium | titânio | tytan*
carbon: carbon_fibre carbon_fiber carbon | carbon* kohlefaser* kohlenstoff* | carbone
 | carbono fibra_de_carbono | carbonio | carbon koolstof* | carbono fibra_de_carbono
 | karbon* węglow*
copper: copper | kupfer* | cuivre | cobre | rame | koper* | cobre | miedź miedzian*
brass: brass bronze | messing* bronze* | laiton bronze | latón bronce | ottone bronzo
 | messing brons | latão bronze | mosiądz mosiężn* brąz brązu
silver: silver | silber* | argent | plata | argento | zilver* | prata | srebr*
gold: gold golden | gold golden* | or doré | oro dorado | oro dorato | goud gouden
 | ouro dourado | złot*
glass: glass | glas glas* | verre | vidrio cristal | vetro | glas glazen | vidro | szkł* szklan*
ceramic: ceramic* porcelain stoneware | keramik* porzellan* steingut*
 | céramique porcelaine grès | cerámic* porcelana gres | ceramic* porcellana gres
 | keramiek keramisch* porselein* aardewerk | cerâmic* porcelana grés
 | ceramik* ceramiczn* porcelan* kamionk*
stone: marble granite slate | marmor* granit* schiefer* | marbre granit ardoise
 | mármol granito pizarra | marmo granito ardesia | marmer* graniet* leisteen
 | mármore granito ardósia | marmur* granit* łupek
wood: wood wooden oak beech walnut pine_wood birch teak acacia plywood
 | holz holz* eiche* eichen* buche buchen* nussbaum* birke* teak* akazie* sperrholz*
 | bois chêne hêtre noyer bouleau teck acacia contreplaqué
 | madera roble haya nogal abedul teca acacia contrachapado
 | legno rovere faggio noce betulla teak acacia compensato
 | hout houten eiken beuken notenhout berken teak acacia multiplex
 | madeira carvalho faia nogueira bétula teca acácia contraplacado
 | drewn* drewno dąb dębow* buk bukow* orzech* brzoz* tekow* akacj* sklejk*
bamboo: bamboo | bambus* | bambou | bambú | bambù | bamboe | bambu | bambus*
cork: cork | kork kork* | liège | corcho | sughero | kurk* | cortiça | korek korkow*
rubber: rubber latex neoprene | gummi* kautschuk* latex neopren*
 | caoutchouc latex néoprène | caucho goma látex neopreno | gomma lattice neoprene
 | rubber* latex neopreen | borracha látex neoprene | gum* lateks* neopren*
silicone: silicone | silikon* | silicone | silicona | silicone | siliconen* | silicone | silikon*
plastic: plastic polypropylene polyethylene polycarbonate pvc tritan
 | kunststoff* plastik* polypropylen* polyethylen* polycarbonat* pvc tritan
 | plastique polypropylène polyéthylène polycarbonate pvc tritan
 | plástico polipropileno polietileno policarbonato pvc tritan
 | plastica polipropilene polietilene policarbonato pvc tritan
 | plastic kunststof* polypropyleen polyethyleen polycarbonaat pvc tritan
 | plástico polipropileno polietileno policarbonato pvc tritan
 | plastik* polipropylen* polietylen* poliwęglan* pvc tritan
"""
CERTIFICATES = """
GOTS OEKO_TEX Öko_Tex bluesign Fairtrade Fair_Trade FSC PEFC TÜV Energy_Star Blauer_Engel
Blue_Angel Ecolabel EU_Ecolabel B_Corp HACCP NSF FDA LFGB GRS RDS RWS EPEAT Stiftung_Warentest
Öko_Test Red_Dot iF_Design ASTM MIPS DOT_approved CE_marked CE_mark
CE_Kennzeichnung Cradle_to_Cradle
"""
CLAIMS = """
waterproof: waterproof* rainproof watertight | wasserdicht* regendicht* | imperméable* étanche*
 | impermeable* estanco* | impermeabil* stagn* | waterdicht* regendicht* | impermeáve* estanque*
 | wodoodporn* wodoszczeln* nieprzemakaln*
water-repellent: water_repellent water_resistant water_resistance showerproof dwr
 | wasserabweisend* wasserfest* imprägnier* | déperlant* hydrofuge* | repelente_al_agua hidrófug*
 | idrorepellent* | waterafstotend* waterbestendig* | repelente_à_água hidrófug*
 | hydrofobow* wodoodporność
windproof: windproof wind_resistant | winddicht* windfest* windabweisend* | coupe_vent
 | cortaviento* | antivento | winddicht* | corta_vento à_prova_de_vento | wiatroszczeln*
 wiatroodporn*
breathable: breathable breathability | atmungsaktiv* | respirant* respirabilité | transpirable*
 | traspirant* | ademend* | respiráve* transpiráve* | oddychając*
insulated: insulated insulating insulation | isoliert* isolierend* gefüttert* wärmeisoliert*
 | isolant* isotherme* | aislante* aislad* térmic* | isolant* termic* coibentat*
 | geïsoleerd* isolerend* | isolad* isolante* térmic* | izolowan* izolacyjn* ocieplan*
heat-resistant: heat_resistant heatproof heat_proof oven_safe oven_proof ovenproof induction
 | hitzebeständig* ofenfest* backofenfest* induktion* | résistant_à_la_chaleur induction
 | resistente_al_calor inducción | resistente_al_calore induzione | hittebestendig* inductie*
 | resistente_ao_calor indução | żaroodporn* indukc*
dishwasher-safe: dishwasher* | spülmaschinen* | lave_vaisselle | lavavajillas | lavastoviglie
 | vaatwasser* vaatwas* | lava_louça* máquina_de_lavar_louça | zmywar*
washable: machine_washable washable machine_wash | waschbar* maschinenwaschbar*
 waschmaschinenfest* | lavable* | lavable* | lavabil* | wasbaar wasbare machinewasbaar
 | laváve* lavável | prać pranie_w_pralce
durable: unbreakable indestructible shatterproof scratch_resistant rustproof tear_resistant
 | unzerbrechlich* unzerstörbar* bruchsicher* kratzfest* reißfest*
 | incassable* indestructible* | irrompible* indestructible* | infrangibil* indistruttibil*
 | onbreekbaar onverwoestbaar krasvast | inquebráve* indestrutíve* | niezniszczaln* nietłuk*
organic: organic organically | bio biologisch* ökologisch* | bio biologique* | ecológico*
 ecológica* orgánic* biológic* | biologic* bio | biologisch* bio | biológic* orgânic*
 | organiczn* ekologiczn*
recycled: recycled recyclable | recycelt* recycling* recyclebar* wiederverwertet*
 | recyclé* recyclable* | reciclad* reciclable* | riciclat* riciclabil* | gerecycled* recyclebaar
 | reciclad* recicláve* | recykl* recyklingu
vegan: vegan | vegan* | végan* vegan végétalien* | vegan* | vegan* | veganistisch* vegan | vegan*
 | wegańsk*
PFC-free: pfc_free pfas_free no_pfc no_pfas without_pfc without_pfas | pfc_frei* pfas_frei* pfcfrei*
 ohne_pfc ohne_pfas fluorcarbonfrei* | sans_pfc sans_pfas | sin_pfc sin_pfas | senza_pfc senza_pfas
 | pfc_vrij* pfas_vrij* zonder_pfc zonder_pfas | sem_pfc sem_pfas | bez_pfc bez_pfas
BPA-free: bpa_free no_bpa without_bpa | bpa_frei* ohne_bpa | sans_bpa | sin_bpa | senza_bpa
 | bpa_vrij* zonder_bpa | sem_bpa | bez_bpa
allergy-friendly: hypoallergenic dermatologically allergy_friendly | hypoallergen*
 dermatologisch* antiallergisch* | hypoallergénique* dermatologique*
 | hipoalergénic* dermatológic* | ipoallergenic* dermatologic* | hypoallergeen hypoallergene
 dermatologisch* | hipoalergénic* dermatologic* | hipoalergiczn* dermatologiczn*
antibacterial: antibacterial antimicrobial | antibakteriell* antimikrobiell* | antibactérien*
 antimicrobien* | antibacterian* antimicrobian* | antibatteric* antimicrobic* | antibacterieel
 antibacteriële | antibacterian* antimicrobian* | antybakteryjn*
sustainable: sustainable sustainably eco_friendly environmentally carbon_neutral climate_neutral
 biodegradable compostable plastic_free | nachhaltig* umweltfreundlich* umweltschonend*
 klimaneutral* biologisch_abbaubar* kompostierbar* plastikfrei* | durable_et_responsable
 écologique* écoresponsable* éco_responsable* biodégradable* neutre_en_carbone | sostenible*
 ecológic* biodegradable* | sostenibil* ecologic* ecosostenibil* biodegradabil* | duurzaam
 duurzame milieuvriendelijk* klimaatneutraal biologisch_afbreekbaar | sustentáve* sustentável
 ecológic* biodegradáve* | zrównoważon* przyjazn* biodegradowaln*
natural: natural all_natural | naturbelassen* naturrein* rein_natürlich | naturel* 100_naturel
 | natural naturales | naturale naturali | natuurlijk* | natural naturais | naturaln*
handmade: handmade hand_made handcrafted hand_crafted hand_sewn | handgemacht* handgefertigt*
 handgenäht* handarbeit | fait_main faits_main artisanal* | hecho_a_mano hechos_a_mano artesanal*
 | fatto_a_mano fatti_a_mano artigianal* | handgemaakt* ambachtelijk* | feito_à_mão artesanal
 artesanais | ręcznie_wykonan* ręcznie_robion* rękodzieł*
origin: made_in manufactured_in produced_in | made_in hergestellt_in gefertigt_in
 | fabriqué_en fabriquée_en fabriqués_en made_in | fabricado_en hecho_en made_in
 | prodotto_in fabbricato_in made_in | gemaakt_in geproduceerd_in made_in
 | fabricado_em feito_em made_in | wyprodukowan*_w made_in
award: award_winning award awards awarded prize_winning test_winner | preisgekrönt*
 ausgezeichnet* testsieger* auszeichnung* | primé* récompensé* | premiad* galardonad*
 | premiat* | bekroond* prijswinnend* | premiad* galardoad* | nagradzan* nagrodzon*
tested: clinically_tested clinically scientifically lab_tested independently_tested proven
 | klinisch* wissenschaftlich* geprüft* getestet* bewährt*
 | cliniquement scientifiquement testé* prouvé* éprouvé* | clínicamente científicamente
 probado* comprobad* | clinicamente scientificamente testat* provat* | klinisch
 wetenschappelijk* getest* bewezen | clinicamente cientificamente testad* comprovad*
 | klinicznie naukowo testowan* przetestowan* sprawdzon*
certified: certified certification certificate | zertifiziert* zertifikat* | certifié*
 certification certificat | certificad* certificación | certificat* certificazione
 | gecertificeerd* certificaat | certificad* certificação | certyfik*
patented: patented | patentiert* | breveté* | patentad* | brevettat* | gepatenteerd*
 | patentead* | opatentowan*
guarantee: guarantee guaranteed guarantees warranty warranties | garantie* garantier*
 gewährleistung* | garantie garanti garantis garantit garantissent | garantía garantizad*
 garantiza* | garanzia garantit* garantisc* | garantie gegarandeerd* | garantia garantid*
 garante* | gwaranc* gwarant*
lifetime: lifetime life_long lifelong | lebenslang* | à_vie | de_por_vida vitalicia
 | a_vita | levenslang* | vitalíci* para_toda_a_vida | dożywotni*
free delivery: free_delivery free_shipping free_postage ships_free delivered_free shipping delivery
 | versandkostenfrei* gratisversand lieferung versand kostenlos* gratis
 | livraison livré gratuit* | envío gratis gratuit* entrega | spedizione gratuit* gratis consegna
 | verzending levering bezorging gratis | envio grátis gratuit* entrega
 | wysyłk* dostaw* darmow* bezpłatn* gratis
returns: free_returns money_back refund refunds | rückgaberecht* rückgabe geld_zurück
 kostenlose_rücksendung | retours_gratuits remboursé* remboursement satisfait_ou_remboursé
 | devolución devoluciones reembols* | resi reso rimbors*
 | retourneren retourrecht niet_goed_geld_terug
 | devoluções devolução reembols* | zwrot zwroty zwrotu
discount: discount discounted on_sale sale_price bargain bargains special_offer clearance
 | rabatt* reduziert* sonderangebot* schnäppchen* angebotspreis* ausverkauf
 | promotion* soldes remise* réduit_de bonne_affaire | rebajad* oferta* descuento* ganga*
 | scont* offerta offerte saldi | korting* afgeprijsd* koopje* aanbieding* uitverkoop
 | desconto* promoção promoções saldos | rabat* promocj* przecen* wyprzedaż*
in stock: in_stock ready_to_ship available_now | auf_lager lieferbar* sofort_verfügbar vorrätig*
 | en_stock disponible_immédiatement | en_stock disponible_de_inmediato | in_stock
 disponibile_subito | op_voorraad direct_leverbaar | em_stock em_estoque disponível_de_imediato
 | w_magazynie od_ręki
popular: bestseller bestsellers bestselling best_selling most_popular top_rated five_star
 customer_favourite customer_favorite number_one award | bestseller* meistverkauft* beliebteste*
 topseller* nummer_eins | meilleure_vente best_seller numéro_un préféré_des_clients
 | superventas más_vendid* número_uno | più_vendut* bestseller numero_uno | bestseller*
 bestverkocht* populairste nummer_één | mais_vendid* campeão_de_vendas número_um | bestseller*
 najpopularniejsz* numer_jeden
best: best finest greatest unbeatable unrivalled unrivaled unmatched perfect ultimate superior
 revolutionary world_class premium leading market_leading incomparable
 | beste bester besten bestes bestem unschlagbar* einzigartig* perfekt* ultimativ* unübertroffen*
 führend* revolutionär* weltklasse konkurrenzlos* premium
 | meilleur* parfait* imbattable* inégalé* incomparable* révolutionnaire* ultime* premium
 | mejor mejores perfect* inmejorable* incomparable* imbatible* revolucionari* premium
 | migliore migliori miglior perfett* imbattibil* ineguagliabil* rivoluzionari* premium
 | beste perfecte perfect onverslaanbaar* ongeëvenaard* revolutionair* premium
 | melhor melhores perfeit* imbatíve* incomparáve* revolucionári* premium
 | najlepsz* idealn* doskonał* niezrównan* bezkonkurencyjn* rewolucyjn* premium
healing: cures cure heals heal therapeutic medical_grade detox slimming | heilt heilend*
 therapeutisch* medizinisch* entgiftend* | guérit thérapeutique* médical* détox | cura curan
 terapéutic* médic* | cura terapeutic* medic* | geneest therapeutisch* medisch*
 | cura terapêutic* médic* | leczy leczą terapeutyczn* medyczn*
child-safe: child_safe childproof baby_safe | kindersicher* babysicher*
 | sans_danger_pour_les_enfants
 | apto_para_bebés | a_prova_di_bambino | kindveilig*
 | seguro_para_crianças | bezpieczn*_dla_dzieci
"""
NEGATIONS: Mapping[Language, str] = {
    "en": "not no non never without neither nor isn aren wasn doesn don cannot lacks",
    "de": "nicht kein keine keinen keiner keines keinem ohne nie niemals weder",
    "fr": "pas non sans jamais aucun aucune ni",
    "es": "no sin nunca jamás ni ningún ninguna",
    "it": "non senza mai né nessun nessuna",
    "nl": "niet geen zonder nooit noch",
    "pt": "não sem nunca jamais nem nenhum nenhuma",
    "pl": "nie bez nigdy ani żaden żadna",
}
