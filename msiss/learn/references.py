"""Publications that the methods texts of several methods cite."""

HU = "Hu, H.; Bindu, J. P.; Laskin, J. Chem. Sci. 2022, 13, 90-98, doi:10.1039/D1SC04077D"
CHEN = "Chen, T.; Kornblith, S.; Norouzi, M.; Hinton, G. Proc. Mach. Learn. Res. 2020, 119, 1597-1607"
