"""Short forms and spellings of forenames, each with the root they are compared by. Public knowledge, British use.

A root is only a meeting point: that two names share it is weak evidence, and is weighed as such.
"""

from __future__ import annotations

_FORMS = """
abigail: abby abbie abi gail
abdul: abdel abd
adam: ad
agnes: aggie
alan: al allan allen alun
albert: bert bertie
alexander: alex alec alick sandy xander sasha lex
alexandra: alex lexi sandra sasha
alfred: alf alfie fred
alison: ali allison
amanda: mandy
amelia: amy millie
andrew: andy drew andre
angela: angie ange
anne: ann anna annie nan
anthony: tony antony ant
antonia: toni
arthur: art
ashley: ash ashleigh
barbara: barb babs
barry: baz
beatrice: bea trixie
benjamin: ben benny benji
bernard: bernie
bradley: brad
cameron: cam
caroline: carrie caz carolyn
catherine: cath cathy kate katie kathy kitty katherine kathryn kay cat kat katy catriona
charles: charlie chas chuck chaz
charlotte: charlie lottie char
christina: chris tina christine chrissy christie
christopher: chris kit topher kris
claire: clare
clifford: cliff
craig: cragg
cynthia: cindy
daniel: dan danny
danielle: dani danni
david: dave davey davy dai
deborah: debbie deb debra debs
dennis: den denny denis
derek: del derrick
diana: di diane dianne
dominic: dom
donald: don donny
dorothy: dot dotty dolly
douglas: doug dougie
edward: ed eddie ned ted teddy eddy
eleanor: ellie nell nora elinor ella
elizabeth: liz beth betty lizzie eliza libby bess elsie betsy lisbeth lilibet elisabeth
emily: em emmie milly
emma: em
eric: erik rick
eugene: gene
fatima: fatema fatimah
florence: flo flossie
frances: fran frankie fanny
francis: frank frankie
frederick: fred freddie freddy
gabriel: gabe
gareth: gaz gary garry
geoffrey: geoff jeff jeffrey
george: georgie
georgina: georgie gina georgia
gerald: gerry jerry gerard
gillian: gill jill jilly gillie
graham: graeme grahame
gregory: greg
gwendolen: gwen
harold: harry hal
harriet: hattie
hassan: hasan
helen: nell ellen helena
henry: harry hal hank
howard: howie
hugh: hughie huw
hussain: hussein husain hossein
ian: iain
ibrahim: ebrahim
irene: rene
isaac: ike zac
isabella: bella izzy isabel isobel isabelle isobelle belle
jacob: jake
jacqueline: jackie jacqui
james: jim jimmy jamie jem jay
jane: janey janie jayne
janet: jan
jasmine: jas jaz yasmin
jason: jay jase
jennifer: jen jenny jenni jennie
jeremy: jez jerry
jessica: jess jessie
joanne: jo joanna joann
john: jack johnny jon jonny
jonathan: jon jonny johnathan jonathon nathan
joseph: joe joey jo
josephine: jo josie
joshua: josh
judith: judy jude
julia: julie jules juliet
katrina: trina
keith: keef
kenneth: ken kenny
kevin: kev
kieran: ciaran kieron
kimberley: kim kimberly
laura: laurie lauren
lawrence: larry laurie laurence
leonard: len lenny leo
leslie: les lesley
lewis: louis lou louie
lillian: lily lil
linda: lin lyn lynda
louise: lou
lucy: lu luce lucille
luke: lucas
lynne: lyn lynn
madeleine: maddie madeline maddy
malcolm: mal
margaret: maggie peggy meg marge margie rita greta
maria: mia marie mary
mark: marc
marilyn: maz
martin: marty
mary: molly polly
matilda: tilly mattie
matthew: matt mattie mathew
maureen: mo
maurice: morris mo
maxwell: max maximilian
megan: meg
melanie: mel
melissa: mel lissa
michael: mike mick micky mickey mikey micheal
michelle: shell chelle
mitchell: mitch
mohammed: muhammad mohamed mohammad muhammed mohamad mo md mohamud
nadia: nadiya
nancy: nan
natalie: nat
nathaniel: nat nathan nate
nicholas: nick nicky nic nicolas
nicola: nicky nikki nic
oliver: ollie olly
olivia: liv livvy ollie
oscar: ozzy
pamela: pam
patricia: pat trish patsy tricia patty
patrick: pat paddy
paul: pauly
pauline: paula
penelope: penny
peter: pete
philip: phil pip phillip
philippa: pip pippa
rachel: rach rachael
raymond: ray
rebecca: becky becca beck
reginald: reg reggie
richard: dick rick ricky rich richie rik
robert: bob bobby rob robbie bert
roberta: bobbie
roderick: rod rory
ronald: ron ronnie
rosemary: rose rosie
roger: rog
russell: russ
ruth: ruthie
salma: selma
samantha: sam sammy
samuel: sam sammy
sarah: sara sally sadie
sean: shaun shawn
sebastian: seb
sharon: shaz
sheila: shelagh
sidney: sid sydney
simon: si
sophia: sophie sofia
stacey: stacy
stephanie: steph
stephen: steve steven stevie
stuart: stewart stu
susan: sue susie suzie suzanne susanna
sylvia: silvia
tamara: tammy
terence: terry tel
teresa: tess terry theresa tessa
theodore: theo ted teddy
thomas: tom tommy
timothy: tim timmy
tobias: toby
tracey: tracy trace
valerie: val
vanessa: nessa
veronica: ronnie vera
victor: vic
victoria: vicky vicki tori vick
vincent: vince vinny
vivienne: viv vivian
walter: wally walt
wendy: wend
wesley: wes
william: bill will billy willie liam wills
winifred: winnie
yousef: yusuf yousuf youssef yusef
zachary: zac zach zack
zoe: zoey
"""


def _roots() -> tuple[dict[str, str], dict[str, str]]:
    """The first and the last name each form is short for; a full name is its own root."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for root, forms in FORMS.items():
        for form in forms:
            first.setdefault(form, root)
            last[form] = root
    own = {name: name for name in FORMS}
    return first | own, last


FORMS: dict[str, tuple[str, ...]] = {
    root: tuple(forms.split())
    for root, _, forms in (line.partition(":") for line in _FORMS.strip().split("\n"))
}
ROOTS, OTHER_ROOTS = _roots()
