"""Units of measure as shops write them in our languages, each as a factor of a base unit.

Only units of one system are converted: grams to kilograms, not to pounds.
"""

from __future__ import annotations

from decimal import Decimal

Scale = tuple[str, Decimal]  # base unit, factor

# By their exact case: a metre is no mega, an ampere no article.
_SYMBOLS = """
g:g=1 g:kg=1000 g:Kg=1000 g:KG=1000 g:mg=0.001
mm:mm=1 mm:cm=10 mm:m=1000 mm:km=1000000 um:µm=1 um:μm=1
ml:ml=1 ml:mL=1 ml:cl=10 ml:dl=100 ml:l=1000 ml:L=1000
cm²:cm²=1 cm²:m²=10000 cm²:m2=10000 cm²:cm2=1 cm³:cm³=1 cm³:m³=1000000
W:W=1 W:kW=1000 Wh:Wh=1 Wh:kWh=1000 V:V=1 mA:mA=1 mA:A=1000 mAh:mAh=1 mAh:Ah=1000
Hz:Hz=1 Hz:kHz=1000 Hz:MHz=1000000 Hz:GHz=1000000000
KB:KB=1 KB:MB=1000 KB:GB=1000000 KB:TB=1000000000
min:min=1 min:h=60 s:s=1 s:sec=1 °C:°C=1 °C:℃=1 °F:°F=1 K:K=1 %:%=1
lm:lm=1 lx:lx=1 dB:dB=1 Pa:Pa=1 Pa:hPa=100 Pa:kPa=1000 bar:bar=1 psi:psi=1 Nm:Nm=1 N:N=1
hp:hp=1 hp:PS=1 rpm:rpm=1 km/h:km/h=1 km/h:kph=1 mph:mph=1
den:D=1 den:den=1 g/m²:g/m²=1 g/m²:g/m2=1 g/m²:gsm=1 l/min:l/min=1 l/h:l/h=1
EUR:€=1 USD:$=1 GBP:£=1 PLN:zł=1 in:″=1 in:"=1 lb:lb=1 lb:lbs=1 oz:oz=1 ft:ft=1
MP:MP=1 px:px=1 dpi:dpi=1
"""
_CODES = "EUR USD GBP PLN CHF SEK DKK NOK CZK CAD AUD JPY"
# By any case.
_WORDS = """
g=1 gram grams gramm gramme grammes gramo gramos grammo grammi grama gramas gramów gramy
g=1000 kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramo kilogramos
g=1000 kilogrammo kilogrammi quilograma quilogramas quilo quilos kilogramów kilogramy
mm=1 millimetre millimetres millimeter millimeters millimètre millimètres milímetro milímetros
mm=1 millimetri millimetro milimetr milimetrów milimetry
mm=10 centimetre centimetres centimeter centimeters zentimeter centimètre centimètres
mm=10 centímetro centímetros centimetri centimetro centymetr centymetrów centymetry
mm=1000 metre metres meter meters mètre mètres metro metros metri metr metrów metry
mm=1000000 kilometre kilometres kilometer kilometers kilomètre kilomètres kilómetro kilómetros
mm=1000000 chilometro chilometri quilómetro quilómetros quilômetro quilômetros kilometrów
ml=1 millilitre millilitres milliliter milliliters mililitro mililitros millilitri mililitrów
ml=1000 litre litres liter liters litro litros litri litr litry litrów
W=1 watt watts vatios vatio watów
V=1 volt volts voltios voltio
in=1 inch inches zoll pouce pouces pulgada pulgadas pollice pollici polegada polegadas cali cale
lb=1 pound pounds
oz=1 ounce ounces
ft=1 foot feet
%=1 percent prozent procent
den=1 denier
EUR=1 euro euros
USD=1 dollar dollars
min=1 minute minutes minuten minuto minutos minuti minuut minuty minut
min=60 hour hours hr hrs stunde stunden heure heures hora horas ora ore uur uren godzin godziny
min=1440 day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen dni dzień
min=10080 week weeks woche wochen semaine semaines semana semanas settimana settimane weken
min=10080 tydzień tygodni tygodnie
s=1 second seconds sekunde sekunden seconde secondes segundo segundos secondi seconden sekund
month=1 month months monat monate monaten mois mes meses mese mesi maand maanden mês miesiąc
month=1 miesięcy miesiące
month=12 year years jahr jahre jahren an ans années año años anno anni jaar jaren ano anos
month=12 lat lata rok
"""


def _symbols() -> dict[str, Scale]:
    scales: dict[str, Scale] = {code: (code, Decimal(1)) for code in _CODES.split()}
    for entry in _SYMBOLS.split():
        base, rest = entry.split(":")
        symbol, factor = rest.rsplit("=", 1)
        scales[symbol] = (base, Decimal(factor))
    return scales


def _words() -> dict[str, Scale]:
    scales: dict[str, Scale] = {}
    for line in _WORDS.strip().splitlines():
        head, *words = line.split()
        base, factor = head.split("=")
        scales |= dict.fromkeys(words, (base, Decimal(factor)))
    return scales


SYMBOLS = _symbols()
WORDS = _words()
CURRENCIES = frozenset(_CODES.split())
TIMES = frozenset({"min", "s", "month"})


def scale(unit: str) -> Scale | None:
    """The base unit and the factor to it, or None for what is no unit."""
    return SYMBOLS.get(unit) or WORDS.get(unit.casefold())
