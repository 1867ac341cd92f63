"""virtio: bodies out of streams of QEMU 5.2 to 11.1, and what a device that loads them knows then.

A program in ROM drove each device; drives failed, and pipes were full.
"""

from typing import Any

import pytest

from devices.net.virtio_net import VirtioNet
from devices.virtio.balloon import VirtioBalloon
from devices.virtio.blk import VirtioBlk
from devices.virtio.common import HIGHEST, RING_PACKED, RING_RESET, VERSION_1, Endian, Transport
from devices.virtio.console import VirtioConsole
from devices.virtio.iommu import Endpoint, Interval, Mapping, VirtioIommu
from devices.virtio.mem import VirtioMem
from devices.virtio.rng import VirtioRng
from devices.virtio.simple import Virtio9p, VirtioRtc
from tests.devices.bodies import is_read_and_written_again, is_sent_as_it_came, loaded, survives_mutation, unpacked
from visitors import qemufile
from vmstate import VMStateError, decode, load, save

PACKED: dict[str, tuple[type[Any], str]] = {
    "virtio-net 11.1, four queue pairs": (VirtioNet, (
        "c-rmVy>8P`6u|L&U7N;GT02cY2w&m5OO=2s#72072q8w2&=@HLZE&25F#`|Kk+B;R6FW;DfPqKoBXsCY@bx`z8jFbmA@%>0>T}OM_I1?WoAF"
        "dB<(yVku&4r+a?C|f%vBvLvDBQ6PpdkMpYw?{^;MwVJWrSLo56xB<1B9lZkE?1?^K*DZ`j<7{XxZ31>q-uY~H3z>K{A)Wv(y&P|^QEZvIFsT"
        "9q2p>6di4`SO)2@4VL8?{R8ujn&jX=%1|+6jlrxW~gU*r%*qXB+n;>`pJAftj*WMR-QC%K2A51Qt4;?`u)e*ty-HqTt^#D#?5H;Mm`@dG`j<"
        "|+1>eOaJ;pHew_68xA&rCyB8hwccXed9Ga5dP|wpRrsfIlEV$mK#gc#d%F@;4l^`syR@T-xHm_B$-?(|}cJ0pHd-oqae6%Gm(%!mVx&HXcv$"
        "y@E{VwVzqc|F#KZ*I<>rZ!zx2#UIHmA}H<rWh@jH1!G6#_YlfgG5iDX}GSAaN}5Na8n%KPAd{a+rTx%DQ1gqO2Rr!475J@KE9rn+pH{00000"
        "00000000000000000000a3OhRX$ug2OyX{Pm~@j!nXUsHcD_B>?bqM$_o8@jR?L4)Ujfr!AZxjick?JT6R<UD08nTwU~3(jn{P5;Ytk5?&~U"
        ")kCNekQe8ARD>|CJ{K~~GVf)tt(*qSsvC^jf)n%Y?AXjT9K0000000000000000000000000000000000000000000000002^JKnPV6TxB9j"
        "gzRCPHFucilTQh")),
    "virtio-net 7.2, two of four": (VirtioNet, (
        "c-rmVF>ljA6u|L!#ul|e;H!#2ojS5LL&a>qL4*(^NuWl`01b|V7(MU-Ix==cVq#~>2k5{@=tt<#xvB5&IUy$|287iAPm15Yd(Op*&lz7tB)Q"
        "s`;;t0ZN!-CK-BB(?-7h!et9|3+*M6c)b16*P=iM@SS=>o=?DJuf`usri@m}KdLCD=WpY3H5v0w7meVW;kf9&Gg9iRW9V*Z2N-K2*`b_T1}w"
        "{H04#Y@>edS(3gxN@GhvI=j^*DDm!ip9VU%_bj5^;1pyd>Pd*x9j#`yKaYlQii-0xhK+H>-V4M>r;(!XQYX75-;_Pyw>Z(trm8Gal1SDZ92&"
        "weVW$I^yKi_(VJ;AdRI-FMP1ExPa5}ZWL8gc;p3uO^kuhw^?4|C+ZLt9p~jiUR^yq*9~ysY)L%y1|7PjBcA!z$wfcBjUDuv!JmVGv0000000"
        "000000000000000000003^KY**U?RG*uAGMYD&rs}3m_BhOsW^bp5?@x}a`opH!ze3Lq-?qZ6dul|@1VT+407Q)iLT#*b+f4>SO&bG54F^JP"
        "sdL-S2SV*K%teg|e68=z5j7<UHEnnhHz+7wt<^c26#xJL0000000000000000000000000000000000000000000000090@_CWtcaNbPnraB"
        "h)r+_ztyI?&")),
    "virtio-net 5.2, legacy": (VirtioNet, (
        "c-muNU|{+p#UQ`{LO?c%U}V4zzDPl29bf`Lt{_kwNR*L-Vb}piV)+06BZ(jf0yC-xkUDfeA|yflpb!QjlQ4woj0~e-6d(asp|Z@PlFWSl)QX"
        "a##Q5Tp#FA7{LID6lsuQ&")),
    "virtio-net 7.2, legacy": (VirtioNet, (
        "c-muNU|{+p#UQ`{LO?c%U}V4zzDPl29bf`Lt{?+5SPvry!>|L4<naIhM-o8}6lPQnAa&?`M96~pK_Lu6CSeHE8KL5%U?c;iB*Q9NmRVGinXh"
        "kVl9X8zpO%_fQd*Q+jGQuAg`i4OD@uwI<BLlYOHx7d06Uo)BL")),
    "virtio-net 5.2, packed, legacy": (VirtioNet, (
        "c-rmKu?oU45XSL~QgGCQAbkm!;_NesxR$69ii4V_;)8du4YoE4f~)fX2<3N|T!v5)8B~dk#jnQxqvUg{<gvT#8cjKA#(Y<e<nN-ssp~rEgpV"
        "+M9q{Mg>;5Huy;@70Zu;Am5E3MsUUTd6(|nO`bC(^AcBM5%_-96Od&JzF)mh=RGk!mswf(c+9nC)T)ul9LH?5v`AcPP?2qA<JLI@#*5JCtcg"
        "b+dqA%qY@=r?o+cG)fw")),
    "virtio-rng 10.0, packed": (VirtioRng, (
        "c-rmVL5kB*9Khj!#sn>hrZS?;N>4B@#I@eQ8`L;`LJ^%#nuyCTJcP&T5j?^iV%BPtyi$-^4+!5!oA-M!X<B-KmxwsIIjidXQAfm|7`)u=58J"
        "qo?BVX%H)rKI{yZ!c5woa^@-W}uX7;weSLPn)@9T1$zsU0srzhk5)ifV^wmz-mAM+o@wiv$RLEN$H-^20UEoX{pc$|OzaW($|^X)iPPrt3&Z"
        "gqM7=Jm%_xA>Hru5Z(3y0oZ<k5==1$uL~?sXv?^?y}2w`xO8H0000000000000000Kna=p5$!-()X@y7Mrf=QVe?rJe$@R>x<R-m&;{pzaCE"
        ">-qV%@MO6;-ycL1X1ONa4000000000000000000000000000000;C9uc{1CxS*R)+)?w5+9dY%{8&Bf=mTnw|TKJ{r6<KqLTSA<eZDW#NBN-"
        "3q3Qc5YMlu}A5rIb=iDW(3G`U^~fOMU")),
    "virtio-rng 7.2 of a pc-i440fx-2.4": (VirtioRng, "c-muNU|{+p#VWu62LHh%BLi;mMT!Mg0H5OF0YE<FKyU$+2LnO"),
    "virtio-blk 7.2, requests": (VirtioBlk, (
        "c-rmVL2lDP6adf}Hx@)f;G!a=u6l!JfsojR8+6fq8>o@8fQH0Dtg0?J085q}fg|(?9HEEk8euzQf}%<+5Q$RWQ|$SF#&)dPdh{oRklpOZ;$A"
        "31Ew-nt<{Yj=@?f}(Z}zjc{nB;Rcl1LMdtF{XravrpdMR%6qoUX52Pr?@%i4Uf$eXx7*~`O<-A~zN^Fr}{ShMRN&H3dmBk}h9Q5_A!#c>_J_"
        "?th@em${RWXpWegt5(bQg_zf_Pt2&T?7CC000000ANd9`R)$@00000004K!$})gxMgRZ+000000000000000VD0Pz0000000000000000000"
        "0n-hNzvM!mVasZdg0ssI200000z}7nT-5&q|000000Pc*HWdPBP0000000000000000002M+SvsF0000000000000000000sC#EB0UC{WZ8~"
        "^|S000000BpU_>HGgz>i_@%000000ASliQvd(}00000000000000002^2Qu>$}A0000000000000000QhI}Cm+VsYJ7h9{MoB<b@HYhRr6^%"
        "t4Ct}i-T}+obRSfn&$nyoOi>uBGm~f4pKWz?UAVk000000000000000004kB$RDS&0OiMOIy#wEqpGaCWBzo}e=>PJK74zAR!-k72fL%GE6~"
        "&zXo?JkR6}63n80FekotzHRagK30000000000000000000000000000000D%8b{xEGKIIBj}syqwLrhq>IM&drT")),
    "virtio-blk 11.1, packed, a request": (VirtioBlk, (
        "c-rmV&uSAv0Knmym_-Ak+ohuP)Hi4jB6zEB&_nNOY*q+jnkKvAv4Rib<MdJb5Iu`K`=>?eO=wlVk7nmLJLx9uH82}O7+vqh{Bg)bBc{XG%jR"
        "$qu0rqW<!xW@joR`1aH9E-Nyy`Pm^YW19OjS4eYf+YeB93W`}xW4sGU!{dFsh}Hw(Yn`4%tI7m829J-hmmj_>YRiQVwL{r0QlW_bH29~5t{S"
        "mZaeIDF7(c-v9YjVDC_000000002~QHOr_2LJ#70001h|3?1nG`b@I0000000000000000040Ba<>2g0000000000000000016N_Tuw$Q!UR"
        "9-n@RltY#m|c~x)9ZL<=azc>x6<7}sYOB&AWvL2Qj#eR30V(L}`000000000000000006)P$clbjfbvVVna{S>yega1F?-papRG@q2cOOs<z"
        "{ueIK0xn0%?DNw8=my^6rW@6951J000000000000000000000000000000fIDT+`iBT^tNErX7a=_qFniUXT+dHGmWx@Mo!4buZqst;9vaxb"
        "`U*-ZrIb=iDW#NBN-3q3Qc5YMlu}A5rIh-+>nGdYOF#")),
    "virtio-console 5.2, queued": (VirtioConsole, (
        "c-rmVF>V`26b9fKSu2Y{kZ=PBF;Wq}fMp;^<wCiEZXhw%1`q<rGDQX{S>ymNQ|1Uhf{x%L@CYhW8{XM{6rG8Y#(@gw`#^F2nYSD+hqWG4N_&"
        "5OdvAI_O;bwi`~6eO*X22FQuzFMm-}mn@sI67PHB>+d4D_ax0xJI@9jq(<|otrVLprb*@L}del*TYo?Jd?Ql<SpuXA~e!*s_sZ_D!!AE=c3*"
        "-PomoF@I<AC%LnuK28+<Mt>*%==e79d?+F^Rsb>+xe?<mU(ymb@lq2l$!VI?d<RM_N1z>tNQEh`xoWZ%hx@8pLx5Qhm`A2eK>w>000000002"
        "sQ?hw9jyI2-1poj50000000000000000000000000e5`3TKXN1h000000000000000003}@_Hyo@bG4ceOUdZ~00000006+JW%FblZ=N^{00"
        "000000000000000000000000002^Skr2L<VXMj0000000000000000N}1PU;lcsSYEt%{QY-7UMx?4>gLPUqPyxVx%?fabkMYMNf}<Qy47tt"
        "rD?Pcn9gE6j`1YM%NW-&{u$%z7~jOW8OJtmtBrlzXhYD(zU^6zv2Xh-#@M&Lj`5AJ761SM00000000000001h|ApqOXbaH&wp`3lua@&=*Dv"
        "Shn{oa0^4Z1X=P%B?#V@;Jdatj*kk|cR{ICB%nh6ZGXaG<*7MPXVS*%q}28LQR2B;ej40~S3TGf1DsNIaYZbVROZQNJglwhdEebo&LhFaWL-"
        "K=1!#eHd90000000000000000000000000000000002Mzi7UQ9}&D-&KJw>ykE+>c^HeA^JhPI=ci@%a@DQ6t2F$4;P~i0&E-)X<nkycxjY8"
        "9*EKoq=jyc|THEcnTazS7k|arzBuSDaNs=T<k|arzBuSDaNs=T<k|gOrNbdk|L~`%")),
    "virtio-balloon 5.2": (VirtioBalloon, (
        "c-rmVF>Vt<6adiK*eenV!3G5(r9i3ZET=%!Y3OqU$B8FsrQkK|wMChN18@#b!x3_b^su`gCjrt?Af)#s>(Bo)JO1kfe1{NrZV%rVPeKv0@FP"
        "6tX$Uvl_3dHU@8XwjAq!zI6xnc_7j1r042Egl=cmQ6&yP}mcCgdu$D6!c?=24U@b6>~ljnmlXj^-o-XQFz`nOitw0pgM*Z#?r9dC}M?5y8Qz"
        "f1A;{yTQ_H|w%)%4&2zy}GKZ`Dhl`<wYD{)-jG2(+_b}$3;~)-R+yp!XQ6dmybNspI%huvYL0NyAJc0o7>0l-kz7u<T6g1RUMb9)vSB5d_Nu"
        "O!lzYS-EFs>7OCT-6i-q-O>vQ8>a6&l;!OYm00000000000000000918{vwS9h@YE!I$1W;Cbs1)f3>Mk78m9CV>OHQ{C+b$m@Ck)uiH<WA@"
        "IjAfqpNIN%(!RK)-jEYQGK{7<Tt|BNY0Yfdc>l0000000000000000000000000000000Q~>*XX#G_m(8?p;;b!Y*-zXRUMB")),
    "virtio-balloon 10.0": (VirtioBalloon, (
        "c-rmVF>Vt<6adiK*eenVffofKr9jZoS)oAGp`gzVj1y0grQkK|O+@K}LvRL8kt5^?IYer};~gg`q(h=W?@9K|pFgvn?*se|A#7dmy&pUXgHV"
        "K@;Wt;C$-{%&`So6?()ew&P=v4(21S1p4_5KPpx4jyb$mGJuj3av{;<2Xj$e0in(xea%Wy~awOAJEC$_^scJ(8Dzq==s?z0ub<6h{kZvQ+N8"
        "8$ckz7p0I^>6-;^_iP^nV*v5>Q25|rntzD+b&<7Pn&jH50A#Dr*%CWPU89WIPRY`F%IYBk8#+<dEK<>Da-CmuY7s`nf3O0JzdnZv^`z5eA;c"
        "@fBWWW+Kx`*xIJs)qPtU3qzcO_Z%M=Fvv{^ir(zCrQHOcF$m3-$Cg-c1uX4V+3;+NC000000000000000z~3vM<hB6uOWTY`i+0?`)pAij>("
        ")o}<LUmVdJ>!2ZF2MJIwusVX++WWPY8cB6X<fwympbt%iCO)&)sP<(B<+u4F>=K0000000000000000000000000000000Qe7-kMc_d7wx!d"
        "<0Pb)0{#LQ1!1=")),
    "virtio-iommu 10.0": (VirtioIommu, (
        "c-rmVJ#N%M6ae5in>8pBA`VIfO2bb@7Yan3Bc!8T7Gk6=Ai?Ve$`l+dN8kt?B0a1<V>XIt5JD;PeUkUho9CJJ_yErlF}XZ=UEhs5Qv8fRxfk"
        "(c9A6&9ZXdsm6DeXl>NFkmdYvEDThlTg^5c3s<WEZeW^Xd&FLK_Gx6k&fxH;)+vXdgMAMML}`1~*SnB<d`bKluy=cS&m{8`#e{GNWCU;oqLc"
        "PovX=D3rK&vJ2CRBzT!#_J!qeAF+h_CGJ$ZgG0}>gC%-H+$dAyH(pP^S)_#HPvppr4OH0&1x+7k9AbeeO%&2iQfYN000000000000000008*"
        "^st2VlK=ZY0=d)!u@0#d43Ovm7v$J=L!w;t?P5W_E9IxDRA@!{!($GSocdeN~uAP^;ixM>!0000000000000000000000000000000002s_N"
        "nfdj|eWidD}H7(SH>17i~;Czy")),
    "virtio-mem 7.2": (VirtioMem, (
        "c-rmVF-`(O6adh_%0^9$E(T*_<qf1T#?m8L+9ArCP$;-8#?r!rdI)=EVHY8x*5<urGyl*0otYE-iHNPQ)7xw(vPj}PHrbE(Y~rueXjkJ$Gm%"
        "8>MV7RhJe%d$*><ar=lM<6n&)SAe%INW=iNnK#e3sU8viF*O%9X!)vCFx#ichEXR$suc2~;YmletCDa&70Heb%&t#324(*)`9>#!(?qw~v)`"
        "(fF8%=_iE$R~@flcc(I+OA8g;bodno8{_=`i$%>0000000000000000001hzn31>Z2|JPvgr3FWxvd$Y8P;_nD31rhUZVCL0&xnE;e7c?k^D"
        "UvvJw>Kr;aV000000000000000000000000000000007t|J*XcMoRs~d%m-0D3ityYsxjR")),
    "virtio-mem 11.1": (VirtioMem, (
        "c-rmVJx<&}6ae5iuofU8;zdM}sJH<XD58WLq)fMLf+KAae!O0katjWT<8cUTU}tUfr>&{JPqOE|ndh;6fj1Gc_OSo6+=wz#JjEOLeXxD{8b9"
        "pEFpvNHi4?IFWg7H(xyVn;^+6Xe^B?74nICld`QF+xKWg(FZ(Z*d@xkye%~O8GW_+^y$9z9qv69;1OIm*Y#v(jv|8r$o8Sls5=9{wlOT~wWa"
        "#8X1c2YN!tHbZdzb4J-Pc?34bv12^Q_7!E47-v%+{~(3znr(~_9_no0000000000000000002^e8q0p7NGjq)Z@{#88_8pIu+mA`O)?7$>HC"
        "ti>khSUF@&6wLwZTU*s=M3^Wq}000000000000000000000000000000004khik<Ed!D%zDo9ZI+p@7dTO*Og")),
    "virtio-net 10.0, MMIO, legacy": (VirtioNet, (
        "c-rmQF$w}P5CzabYl0%;YGLmUv=G70Gl;daVw5xr*=S+qdAx#!7w}MSHmkd5kpCcLGBc!_YJi_!TaYeZ_k9s}>NHx#SppJY!$G_onQ;sonJL"
        "g+t?_uit3L!Hp{NoGl9DP3Hf0?|Xv~2gU9I!>JekjS)^86c^A~6GZ%>$1omMT*o{qV_nOIb)4-pX&5fKp){UhD4mIArYoHt>eCGr7Mt{pM")),
    "virtio-rng 7.2, MMIO": (VirtioRng, (
        "c-rmVKT5<v6bIlpMZn7Fg6GgetoJ4%;wULrF`0;XDv#h1Jd!(`?3R`m@_jH2dGn`8`HJ5}M2clZo1(pmlUmzGTr6Lk&wZu2dK<<vyj<Vi-Vd"
        "dF%zc^1JT043s)w7)bxWOI=R6;m>m6U~UEcu!000000000000000008{Grd?wJ#^L#C8a{F?p#W!o4FCWD{PU*3W^D@O_cHd~RQhu03mh{9y"
        "WMWTcq%X1gek=~9pVTpk%9mK000000000000000000000000000000@Vn-GeKu?={aErt)JMU70K<PUi~")),
    "virtio-rtc 11.1": (VirtioRtc, (
        "c-rmUK~BOz6b9f|pot_diouw$@&>ptt~r990IQay3k6GSJb*{$08%JH6F07O@qL?l|C^UdW)3hB(c4V!vWP5_=%2(7PQTQfNsQX{<IqSVhLI"
        "(ML*AY=oMrt%SMTy|HrVCMF5i!PyL`3JZ9QC#)A*mZH;maarsr>ERhP@@&GkcB&lg2rH&wCj2KOVQZlqmao1*!?4FCWD000000000000000{"
        "GIfy`xc;hud95%uJgLswv+T?-=D7@%jxs-si<C#o1P5-000000000000000000000000000000004gP6U4+O#s")),
    "virtio-9p 5.2": (Virtio9p, (
        "c-rmUK}y3w6b9f)+kgQVsZ<14-k>hTwMXy<wQ7Vcv^7n{r3(+?LEXnRO-U<mTy^t(1m^v39y1{aNC;u@eV(KtG*1|WwJ7X6-l?0}cKzBmn&B"
        "j*(P*2SW0IS6IO^&)-=?EBUv&9yGHCPVCa>#cIf;K=8^)he`!3N@IGE_KT-Q6DVZZUwck4Pneank7UrevB?(=f?l+DYk$X2^&#^Y{ey}VXgw"
        "Z9Dj0000000000000000010LeA4|EAbT&1`D|6r%dBZf@!6(7TR!B|=fz`Iy!4ws8vp<R000000000000000000000000000000{NE4K4l7~")),
}
BODIES = unpacked(PACKED)
MUTATED = [
    "virtio-net 5.2, legacy", "virtio-net 10.0, MMIO, legacy", "virtio-net 11.1, four queue pairs",
    "virtio-blk 11.1, packed, a request", "virtio-console 5.2, queued", "virtio-balloon 5.2", "virtio-iommu 10.0",
    "virtio-mem 7.2"]
ALONE = [name for name, (kind, _) in BODIES.items() if kind not in (VirtioBlk, VirtioConsole, VirtioMem)]
"""Those that a device loads which was told nothing, and that it sends in the same order."""


def body(name: str) -> Any:
    """What is in it."""
    kind, data = BODIES[name]
    return decode(kind, data, qemufile).state


@pytest.mark.parametrize("name", BODIES)
class TestBody:
    def test_is_read_and_written_again(self, name: str) -> None:
        is_read_and_written_again(*BODIES[name])


@pytest.mark.parametrize("name", MUTATED)
def test_mutated_bytes(name: str) -> None:
    survives_mutation(*BODIES[name], times=6)


@pytest.mark.parametrize("name", ALONE)
def test_live(name: str) -> None:
    """Subsections too: what only the source's configuration decided follows from what it sent."""
    is_sent_as_it_came(*BODIES[name])


@pytest.mark.parametrize("name", BODIES)
def test_live_again_after_another(name: str) -> None:
    """A device that has had another state forgets it."""
    kind, data = BODIES[name]
    read = decode(kind, data, qemufile)
    device = load(read.state, data, qemufile, settings=read.settings)
    sent = save(device, qemufile)
    assert len(sent) == len(data)
    assert sent == data or kind is VirtioBlk


# -- what a device knows then

@pytest.mark.parametrize(("name", "modern", "extra", "offered"), [
    ("virtio-net 5.2, legacy", False, True, 0), ("virtio-net 7.2, legacy", False, True, RING_RESET),
    ("virtio-net 5.2, packed, legacy", False, True, RING_PACKED | RING_RESET),
    ("virtio-rng 7.2 of a pc-i440fx-2.4", False, False, 0), ("virtio-9p 5.2", True, True, VERSION_1),
    ("virtio-rtc 11.1", True, True, VERSION_1)])
def test_transport_and_features(name: str, modern: bool, extra: bool, offered: int) -> None:
    virtio = loaded(*BODIES[name]).virtio
    assert virtio.transport == Transport.PCI
    assert (virtio.pci.modern, virtio.pci.migrate_extra, virtio.offered) == (modern, extra, offered)


@pytest.mark.parametrize(("name", "legacy"), [
    ("virtio-net 10.0, MMIO, legacy", True), ("virtio-rng 7.2, MMIO", False)])
def test_memory_mapped(name: str, legacy: bool) -> None:
    virtio = loaded(*BODIES[name]).virtio
    assert (virtio.transport, virtio.mmio.legacy, virtio.is_modern) == (Transport.MMIO, legacy, not legacy)
    first = virtio.queues[0]
    assert (first.num, first.num_default) == (64, 1024 if legacy else 8)
    assert first.align == (256 if legacy else 4096)
    assert (first.used - first.avail) % 2 == 0 < first.avail - first.desc


def test_what_is_new_offers_as_qemu_does() -> None:
    device = VirtioRng()
    assert device.virtio.offered == RING_RESET  # its configuration space is empty
    device.virtio.pci.modern = True
    assert device.virtio.offered == VERSION_1 | RING_RESET
    assert loaded(VirtioNet, BODIES["virtio-net 11.1, four queue pairs"][1]).virtio.offered & HIGHEST


def test_a_configured_device_refuses_what_it_does_not_offer() -> None:
    data = BODIES["virtio-balloon 10.0"][1]
    for features, refused in (((1 << 48) - 1, False), (VERSION_1, True)):
        device = VirtioBalloon()
        device.virtio.host_features = features
        if refused:
            with pytest.raises(VMStateError, match="does not offer features"):
                load(device, data, qemufile)
        else:
            assert load(device, data, qemufile).virtio.host_features == features


def test_features_of_the_subsection_count() -> None:
    data = bytearray(BODIES["virtio-rng 7.2, MMIO"][1])
    at = data.index(b"virtio/64bit_features") + 25
    data[at:at + 8] = VERSION_1.to_bytes(8, "big")
    assert loaded(VirtioRng, bytes(data)).virtio.guest_features == VERSION_1


def test_an_unusual_byte_order_tells_the_usual_one() -> None:
    device = VirtioRng()
    device.virtio.endian = Endian.BIG
    again = load(VirtioRng(), save(device, qemufile), qemufile).virtio
    assert (again.endian, again.default_endian) == (Endian.BIG, Endian.LITTLE)
    device.virtio.default_endian, device.virtio.endian = Endian.BIG, Endian.LITTLE
    again = load(VirtioRng(), save(device, qemufile), qemufile).virtio
    assert (again.endian, again.default_endian) == (Endian.LITTLE, Endian.BIG)


def test_a_packed_ring_has_one_position() -> None:
    device = loaded(VirtioRng, BODIES["virtio-rng 10.0, packed"][1])
    device.virtio.queues[0].last_avail_idx = 5
    again = load(VirtioRng(), save(device, qemufile), qemufile).virtio.queues[0]
    assert (again.last_avail_idx, again.packed_avail_idx) == (5, 5)


# -- devices

@pytest.mark.parametrize(("name", "pairs", "used", "table"), [
    ("virtio-net 11.1, four queue pairs", 4, 1, [0, 1, 0, 1]), ("virtio-net 7.2, two of four", 4, 2, [])])
def test_queue_pairs_and_filters(name: str, pairs: int, used: int, table: list[int]) -> None:
    net = body(name).net
    assert (net.max_queue_pairs, net.curr_queue_pairs, net.rss_indirections) == (pairs, used, table)
    assert [one.hex() for one in net.macs] == ["020101010101", "020202020202", "040404040404", "01005e000001"]
    assert (net.mac.hex(), net.vlans[:2], net.curr_guest_offloads) == ("525400aabbcc", b"\0\1", 2)


def test_requests_of_a_drive_that_fails() -> None:
    """QEMU puts each in front of those that came before."""
    kind, data = BODIES["virtio-blk 7.2, requests"]
    sent = [(one.queue, one.element.index, one.element.out_num, one.element.in_num) for one in body(
        "virtio-blk 7.2, requests").requests]
    assert sent == [(0, 3, 1, 2), (0, 0, 1, 2), (1, 0, 2, 1)]
    device = loaded(kind, data)
    assert [(one.queue, one.element.index) for one in device.requests] == [(1, 0), (0, 0), (0, 3)]
    assert save(load(kind(), save(device, qemufile), qemufile), qemufile) == data


def test_a_request_where_packed_rings_are_offered() -> None:
    (one,) = body("virtio-blk 11.1, packed, a request").requests
    assert (one.element.packed, one.element.ndescs, one.element.out_num, one.element.in_num) == (True, 1, 1, 2)
    assert [memory.length for memory in one.element.in_sg] == [4096, 1]


def test_what_a_full_pipe_did_not_take() -> None:
    console = body("virtio-console 5.2, queued")
    assert [(one.id, one.elem_popped, one.element.index) for one in console.ports] == [(0, 0, 0), (1, 1, 8), (2, 1, 8)]
    assert console.ports[1].element.packed


def test_a_balloon_with_a_misspelled_subsection() -> None:
    old, new = (loaded(*BODIES[f"virtio-balloon {release}"]) for release in ("5.2", "10.0"))
    assert (old.balloon.misspells, new.balloon.misspells) == (True, False)
    assert old.balloon.poison_val == new.balloon.poison_val == 0xAAAAAAAA
    again = load(new, BODIES["virtio-balloon 5.2"][1], qemufile)
    assert again.balloon.misspells


def test_two_domains() -> None:
    domains = body("virtio-iommu 10.0").iommu.domains
    assert {key: one.endpoints for key, one in domains.items()} == {
        1: [Endpoint(id=16)], 2: [Endpoint(id=24)]}
    assert list(domains[1].mappings.items()) == [
        (Interval(low=0x10000, high=0x11FFF), Mapping(phys_addr=0x210000, flags=3)),
        (Interval(low=0x20000, high=0x20FFF), Mapping(phys_addr=0x220000, flags=3))]


def test_three_blocks_of_memory() -> None:
    old, new = body("virtio-mem 7.2").mem, body("virtio-mem 11.1").mem
    assert (old.plugged, old.size, old.requested_size, old.early_migration) == (0b111, 3 << 21, 128 << 20, False)
    assert (new.requested_size, new.early_migration) == (128 << 20, True)
