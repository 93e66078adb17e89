"""Promises and boasts, as rows of `vocabulary`: en | de | fr | es | it | nl | pt | pl.

Few data carry any of them; where they do, the same concept is found there.
"""

from __future__ import annotations

PROMISES = """
recommended: recommended_by endorsed_by approved_by trusted_by loved_by doctors dermatologists
 | empfohlen_von ärzten dermatologen | recommandé_par recommandée_par recommandés_par médecins
 | recomendado_por recomendada_por médicos | consigliato_da consigliata_da raccomandato_da medici
 | aanbevolen_door artsen | recomendado_por recomendada_por médicos | polecan*_przez lekarzy
dispatch: ships same_day next_day dispatched shipped | am_selben_tag am_gleichen_tag versandfertig*
 | le_jour_même expédié* | el_mismo_día | lo_stesso_giorno in_giornata | dezelfde_dag verzonden
 | no_mesmo_dia | tego_samego_dnia
price promise: best_price price_match price_promise price_guarantee | bestpreis* tiefpreis*
 preisgarantie* | meilleur_prix prix_garanti | mejor_precio | miglior_prezzo | laagste_prijs
 | melhor_preço | gwarancja_ceny
multiple: twice_as half_as half_the_weight half_the_size half_the_price half_the_time
 half_the_bulk half_the_cost half_the_volume double_the triple_the times_as times_more times_longer
 times_stronger times_lighter | doppelt_so halb_so dreimal_so mal_so | deux_fois_plus
 deux_fois_moins
 trois_fois_plus | dos_veces_más el_doble la_mitad_de | due_volte_più il_doppio la_metà_del
 | twee_keer_zo dubbel_zo half_zo | duas_vezes_mais o_dobro metade_do | dwa_razy dwukrotnie
beyond all others: than_any_other than_all_other than_all_others than_every_other than_most_other
 than_any_rival than_any_competitor than_the_competition
 | als_jede* als_andere* als_alle_anderen | que_n_importe que_tout_autre que_toute_autre
 que_les_autres | que_cualquier* que_los_demás que_las_demás | di_qualsiasi di_qualunque
 di_ogni_altr*
 | dan_elke dan_elk dan_andere | que_qualquer | niż_jakikolwiek niż_każd* niż_inne
high-tech fibre: dyneema kevlar aramid* spectra | dyneema kevlar aramid* | dyneema kevlar aramide
 | dyneema kevlar aramida | dyneema kevlar aramide | dyneema kevlar aramide
 | dyneema kevlar aramida | dyneema kevlar aramid*
fibreglass: fibreglass fiberglass | fiberglas* glasfaser* | fibre_de_verre | fibra_de_vidrio
 | fibra_di_vetro vetroresina | glasvezel* | fibra_de_vidro | włókno_szklane
"""
